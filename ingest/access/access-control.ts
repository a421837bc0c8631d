import type { Credential } from '../../events/credential.ts';
import { isValidAt, type CredentialBook } from '../../infra/access/credential-book.ts';
import type { TlsConfig } from '../../infra/config/access-schema.ts';
import { secretHash } from '../../infra/access/secrets.ts';
import { compileRules, isCovered, isLevel, ownTopics, type Pattern } from '../../infra/access/topic-rules.ts';
import { anonymous, type Access, type Identity, type Presented } from './identity.ts';
import type { TokenReader } from './tokens.ts';

/** Why somebody is not let in, or not any longer. */
export type AccessRefusal =
  | 'no-credential'
  | 'bad-credential'
  | 'bad-token'
  | 'bad-certificate'
  | 'revoked'
  | 'expired';

export type Judgement =
  | { readonly kind: 'known'; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly reason: AccessRefusal; readonly detail: string };

/** How an identity was proved, and what it may. */
interface Grant {
  readonly publish: readonly Pattern[];
  readonly subscribe: readonly Pattern[];
  /** Topics already found allowed: devices publish to few. */
  readonly allowed: Set<string>;
  /** SHA-256 of the secret or fingerprint of the certificate; null for tokens. */
  readonly proof: string | null;
  readonly expiresAtUs: number;
  /** When its credential was made; null without one. */
  readonly createdAtUs: number | null;
}

const allowedMax = 256;

export interface AccessOptions {
  readonly book: CredentialBook;
  readonly tokens: TokenReader | null;
  /** What TLS does about client certificates. */
  readonly certificates: TlsConfig['clientCertificates'];
  /** Of topics: where a device without rules of its own may publish and subscribe. */
  readonly templates: readonly string[];
  readonly nowUs: () => number;
  /** Is told of every refusal of `identify`. */
  onRefused(refused: Judgement & { kind: 'refused' }, presented: Presented): void;
}

/**
 * Who may do what: by the credentials in the store, tokens and client certificates. Everybody may everything while none
 * of these is configured; after that nobody may anything that no rule allows.
 */
export class AccessControl implements Access {
  readonly #options: AccessOptions;
  readonly #grants = new WeakMap<Identity, Grant>();

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Is anybody asked who he is? */
  get hasCredentials(): boolean {
    const { book, tokens, certificates } = this.#options;
    return certificates !== 'none' || tokens !== null || book.hasCredentials;
  }

  async identify(presented: Presented): Promise<Identity | null> {
    const judgement = await this.judge(presented);
    if (judgement.kind === 'known') return judgement.identity;
    this.#options.onRefused(judgement, presented);
    return null;
  }

  /** As `identify`, with the reason, and without telling anybody. */
  async judge(presented: Presented): Promise<Judgement> {
    if (!this.hasCredentials) return { kind: 'known', identity: anonymous };
    const { certificate, username = '', password, token } = presented;
    if (certificate !== undefined) return this.#byCertificate(certificate);
    if (this.#options.certificates === 'require') return refused('bad-certificate', 'A client certificate is needed.');
    // A token `name:secret`, as InfluxDB 1.8 has it, comes with both parts: the name has to be the secret's.
    if (token !== undefined && password === undefined)
      return isToken(token) ? this.#byToken(token) : this.#bySecret(token, null);
    if (password === undefined)
      return refused('no-credential', 'Neither a secret, a token nor a certificate was shown.');
    if (this.#options.tokens !== null && isToken(password)) return this.#byToken(password);
    return this.#bySecret(password, username);
  }

  mayPublish(identity: Identity, topic: string): boolean {
    const grant = this.#grants.get(identity);
    if (grant === undefined) return !this.hasCredentials;
    const { allowed, publish } = grant;
    if (allowed.has(topic)) return true;
    if (!isCovered(publish, topic)) return false;
    if (allowed.size < allowedMax) allowed.add(topic);
    return true;
  }

  maySubscribe(identity: Identity, filter: string): boolean {
    const grant = this.#grants.get(identity);
    return grant === undefined ? !this.hasCredentials : isCovered(grant.subscribe, filter);
  }

  /** Is the name one of a credential? Then it is nobody else's client id. */
  isName(text: string): boolean {
    return this.#options.book.get(text) !== undefined;
  }

  /** Why an identity that was let in is not any longer; null while it is. Cheap: asked of every connection each second. */
  ended(identity: Identity): AccessRefusal | null {
    const { book, nowUs } = this.#options;
    const grant = this.#grants.get(identity);
    if (grant === undefined) return this.hasCredentials ? 'no-credential' : null;
    const now = nowUs();
    if (now >= grant.expiresAtUs) return 'expired';
    const credential = book.get(identity.name);
    if ((credential?.createdAtUs ?? null) !== grant.createdAtUs || isRevoked(credential)) return 'revoked';
    if (identity.kind === 'certificate') return book.isRevokedCertificate(grant.proof!) ? 'revoked' : null;
    if (identity.kind === 'token') return null;
    const secret = credential!.secrets.find(({ sha256 }) => sha256 === grant.proof);
    return secret === undefined || !isValidAt(secret, now) ? 'revoked' : null;
  }

  /**
   * Secrets have 256 random bits and are looked up by their hash: how long that takes tells nothing about another one.
   * @param username null: the secret alone says who it is
   */
  #bySecret(secret: string, username: string | null): Judgement {
    const { book, nowUs } = this.#options;
    const proof = secretHash(secret);
    const credential = book.bySecret(proof);
    const wrong = 'Name and secret do not belong together.';
    if (credential === undefined || (username !== null && username !== credential.name)) {
      const named = username === null ? undefined : book.get(username);
      return refused('bad-credential', isRevoked(named) ? 'The credential of this name is revoked.' : wrong);
    }
    const valid = credential.secrets.some((one) => one.sha256 === proof && isValidAt(one, nowUs()));
    if (!valid || isRevoked(credential)) return refused('bad-credential', 'The secret was replaced by a newer one.');
    return this.#granted('device', credential.name, credential, proof);
  }

  #byCertificate({ commonName, fingerprint }: NonNullable<Presented['certificate']>): Judgement {
    const { book } = this.#options;
    if (book.isRevokedCertificate(fingerprint)) return refused('bad-certificate', 'The certificate is revoked.');
    const credential = book.byCertificate(fingerprint) ?? book.get(commonName);
    if (isRevoked(credential)) return refused('bad-certificate', 'The credential of this certificate is revoked.');
    const name = credential?.name ?? commonName;
    if (!isLevel(name))
      return refused('bad-certificate', 'Its common name is empty or has characters of topic filters.');
    return this.#granted('certificate', name, credential, fingerprint);
  }

  async #byToken(token: string): Promise<Judgement> {
    const { tokens, book } = this.#options;
    if (tokens === null) return refused('bad-token', 'Tokens are not configured.');
    const claims = await tokens.read(token);
    if (typeof claims === 'string') return refused('bad-token', claims);
    const { name, tags, publish, subscribe, expiresAtUs } = claims;
    if (!isLevel(name)) return refused('bad-token', 'Its name has characters of topic filters.');
    if (!Object.values(tags).every(isLevel))
      return refused('bad-token', 'A tag of it has characters of topic filters.');
    const credential = book.get(name);
    if (isRevoked(credential)) return refused('bad-token', 'The credential of this name is revoked.');
    const identity: Identity = { name, kind: 'token' };
    const rules = { name, tags, publish, subscribe };
    this.#grants.set(identity, {
      ...this.#rules(rules),
      proof: null,
      expiresAtUs,
      createdAtUs: credential?.createdAtUs ?? null,
    });
    return { kind: 'known', identity };
  }

  #granted(kind: 'device' | 'certificate', name: string, credential: Credential | undefined, proof: string): Judgement {
    const identity: Identity = { name, kind };
    const rules = credential ?? { name, tags: {}, publish: null, subscribe: null };
    this.#grants.set(identity, {
      ...this.#rules(rules),
      proof,
      expiresAtUs: Number.POSITIVE_INFINITY,
      createdAtUs: credential?.createdAtUs ?? null,
    });
    return { kind: 'known', identity };
  }

  #rules(
    of: Pick<Credential, 'name' | 'tags' | 'publish' | 'subscribe'>,
  ): Pick<Grant, 'publish' | 'subscribe' | 'allowed'> {
    const { templates } = this.#options;
    return {
      publish: of.publish === null ? ownTopics(templates, of) : compileRules(of.publish, of),
      subscribe: of.subscribe === null ? ownTopics(templates, of) : compileRules(of.subscribe, of),
      allowed: new Set(),
    };
  }
}

function isRevoked(credential: Credential | undefined): boolean {
  return credential !== undefined && credential.revokedAtUs !== null;
}

function refused(reason: AccessRefusal, detail: string): Judgement {
  return { kind: 'refused', reason, detail };
}

/** Three parts in base64url, the first of which is JSON. */
function isToken(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/.test(text);
}
