import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  errors,
  importJWK,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { JwtConfig } from '../../infra/config/access-schema.ts';
import { MillraceError } from '../../infra/errors.ts';
import { watchFiles } from '../../infra/tls/watched-files.ts';
import type { Log } from '../../infra/log.ts';

/** What a token says, once its signature, issuer, audience and times are right. */
export interface TokenClaims {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Null: the token says nothing of it. */
  readonly publish: readonly string[] | null;
  readonly subscribe: readonly string[] | null;
  readonly expiresAtUs: number;
}

/** Entries of the lists of topic rules. */
const rulesMax = 32;

interface KeySource {
  readonly getKey: JWTVerifyGetKey;
  /** What a token may be signed with: what the keys are for, never what it asks for. */
  readonly algorithms: string[];
}

/** Reads JSON Web Tokens (RFC 7519). The file of keys is watched; a broken one is said, and the keys before it stay. */
export class TokenReader implements Disposable {
  readonly #config: JwtConfig;
  #keys: KeySource;
  readonly #stopWatching: () => void;

  /** @throws CONFIG_INVALID when the file holds no key. */
  constructor(config: JwtConfig, log: Log, everyMs?: number) {
    this.#config = config;
    let text = '';
    try {
      text = readFileSync(config.keys, 'utf8');
      this.#keys = keySource(text);
    } catch (cause) {
      throw new MillraceError('CONFIG_INVALID', `auth.jwt.keys ${config.keys}: ${(cause as Error).message}.`, {
        cause,
      });
    }
    this.#stopWatching = watchFiles(
      [config.keys],
      [text],
      (found) => {
        try {
          if (found instanceof Error) throw found;
          this.#keys = keySource(found[0]!);
          log.info({ file: config.keys }, 'renewed keys of tokens are in use');
        } catch (err) {
          log.error({ err, file: config.keys }, 'RENEWED KEYS OF TOKENS CANNOT BE USED: those from before stay');
        }
      },
      everyMs,
    );
  }

  /** @returns the claims, or in a sentence why the token is refused. */
  async read(token: string): Promise<TokenClaims | string> {
    const { issuer, audience } = this.#config;
    const { getKey, algorithms } = this.#keys;
    try {
      const { payload } = await jwtVerify(token, getKey, { issuer, audience, algorithms, requiredClaims: ['exp'] });
      return claimsOf(payload, this.#config);
    } catch (error) {
      if (error instanceof errors.JOSEError) return `The token is refused: ${error.message}.`;
      return 'The token cannot be read.';
    }
  }

  [Symbol.dispose](): void {
    this.#stopWatching();
  }
}

function claimsOf(payload: JWTPayload, config: JwtConfig): TokenClaims | string {
  const name = payload[config.name];
  if (typeof name !== 'string' || name === '') return `The token has no claim ${config.name} with a name.`;
  const publish = rulesOf(payload[config.publish]);
  const subscribe = rulesOf(payload[config.subscribe]);
  if (publish === undefined) return `The token's claim ${config.publish} is no list of up to ${rulesMax} topic rules.`;
  if (subscribe === undefined)
    return `The token's claim ${config.subscribe} is no list of up to ${rulesMax} topic rules.`;
  const tags = payload[config.tags] ?? {};
  if (!isTextMap(tags)) return `The token's claim ${config.tags} is no map of text.`;
  return { name, tags, publish, subscribe, expiresAtUs: payload.exp! * 1e6 };
}

function rulesOf(claim: unknown): string[] | null | undefined {
  if (claim === undefined) return null;
  const isList = Array.isArray(claim) && claim.length <= rulesMax && claim.every((rule) => typeof rule === 'string');
  return isList ? claim : undefined;
}

function isTextMap(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === 'string');
}

/** Keys of a JWKS or of a PEM file. @throws when there is none */
function keySource(text: string): KeySource {
  return text.trimStart().startsWith('{') ? fromJwks(JSON.parse(text) as JSONWebKeySet) : fromPem(text);
}

const publicAlgorithms = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  EC: ['ES256', 'ES384', 'ES512'],
  OKP: ['EdDSA', 'Ed25519'],
};
const secretAlgorithms = ['HS256', 'HS384', 'HS512'];
/** A shared secret shorter than its hash can be guessed (RFC 7518, 3.2). */
const secretBytesMin = 32;

function fromJwks(set: JSONWebKeySet): KeySource {
  const { keys } = set;
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('it is a JWKS without keys');
  const secrets = keys.filter(({ kty }) => kty === 'oct');
  for (const { k } of secrets)
    if (Buffer.from(k ?? '', 'base64url').length < secretBytesMin)
      throw new Error(`a key of type oct has less than ${secretBytesMin} bytes`);
  const publicKeys = createLocalJWKSet({ keys: keys.filter(({ kty }) => kty !== 'oct') });
  const kinds = Object.entries(publicAlgorithms).filter(([kind]) => keys.some(({ kty }) => kty === kind));
  return {
    algorithms: [...kinds.flatMap(([, names]) => names), ...(secrets.length > 0 ? secretAlgorithms : [])],
    getKey: async (header, token) => {
      if (!secretAlgorithms.includes(header.alg)) return publicKeys(header, token);
      // A public key is never taken for a shared secret: that would let anybody sign.
      const found = secrets.filter(
        ({ kid, alg }) => (header.kid === undefined || kid === header.kid) && (alg === undefined || alg === header.alg),
      );
      if (found.length !== 1) throw new errors.JWKSNoMatchingKey();
      return importJWK(found[0]!, header.alg);
    },
  };
}

function fromPem(text: string): KeySource {
  const key = createPublicKey(text);
  return { algorithms: algorithmsOf(key), getKey: () => Promise.resolve(key) };
}

function algorithmsOf(key: KeyObject): string[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa') return publicAlgorithms.RSA;
  if (type === 'ed25519') return publicAlgorithms.OKP;
  const curves: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
  const curve = curves[details?.namedCurve ?? ''];
  if (type === 'ec' && curve !== undefined) return [curve];
  throw new Error(`keys of type ${type ?? 'secret'} ${details?.namedCurve ?? ''} are not known`);
}
