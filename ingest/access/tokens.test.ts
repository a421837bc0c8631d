import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, SignJWT, type JWTPayload } from 'jose';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAudit } from '../../infra/access/audit-trail.ts';
import { createLogger } from '../../infra/log.ts';
import { eventually, runIngest } from '../../test/running-ingest.ts';
import { TokenReader } from './tokens.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const shared = randomBytes(32);
const log = createLogger('test', 'silent');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-tokens-'));
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'r', alg: 'RS256' },
    { ...(await exportJWK(ec.publicKey)), kid: 'e', alg: 'ES256' },
    { kty: 'oct', k: shared.toString('base64url'), kid: 's', alg: 'HS256' },
  ];
  await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys }));
  await writeFile(join(folder, 'ec.pem'), ec.publicKey.export({ type: 'spki', format: 'pem' }));
});
afterAll(() => rm(folder, { recursive: true }));

const config = (keys: string) => ({
  issuer: 'https://issuer.example',
  audience: 'millrace',
  keys: join(folder, keys),
  name: 'sub',
  publish: 'publish',
  subscribe: 'subscribe',
  tags: 'tags',
});

interface Signing {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: KeyObject | Uint8Array;
  readonly iss?: string;
  readonly aud?: string;
  /** Seconds from now; null: no such claim. */
  readonly exp?: number | null;
}

function sign(claims: JWTPayload, signing: Signing = {}): Promise<string> {
  const { alg = 'ES256', kid = 'e', key = ec.privateKey, exp = 60 } = signing;
  const { iss = 'https://issuer.example', aud = 'millrace' } = signing;
  const token = new SignJWT({ sub: 'kitchen', ...claims, iss, aud }).setProtectedHeader({ alg, kid });
  if (exp !== null) token.setExpirationTime(Math.floor(Date.now() / 1_000) + exp);
  return token.sign(key);
}

/** Signed with a public key as if it were a shared secret. */
const confused = () => {
  const bytes = createPublicKey(ec.publicKey.export({ type: 'spki', format: 'pem' })).export({
    type: 'spki',
    format: 'pem',
  });
  return sign({}, { alg: 'HS256', key: Buffer.from(bytes) });
};

describe('a token', () => {
  it.each([
    ['RS256', () => sign({}, { alg: 'RS256', kid: 'r', key: rsa.privateKey })],
    ['ES256', () => sign({})],
    ['HS256', () => sign({}, { alg: 'HS256', kid: 's', key: shared })],
  ] as const)('signed by %s is read', async (_alg, token) => {
    using reader = new TokenReader(config('jwks.json'), log);
    expect(await reader.read(await token())).toMatchObject({ name: 'kitchen', tags: {}, publish: null });
  });

  it.each([
    ['expired', () => sign({}, { exp: -1 }), '"exp" claim timestamp check failed'],
    ['that never expires', () => sign({}, { exp: null }), 'missing required "exp" claim'],
    ['of another issuer', () => sign({}, { iss: 'https://evil.example' }), '"iss"'],
    ['for another audience', () => sign({}, { aud: 'other' }), '"aud"'],
    ['signed by another key', () => sign({}, { key: other.privateKey }), 'signature verification failed'],
    ['signed with a public key as a secret', confused, 'no applicable key'],
    ['without a name', () => sign({ sub: 7 as unknown as string }), 'no claim sub'],
    ['with rules that are no list', () => sign({ publish: 'x/#' }), 'claim publish is no list'],
    ['with tags that are no text', () => sign({ tags: { a: 1 } }), 'claim tags is no map'],
    ['without a signature', async () => `${(await sign({})).split('.').slice(0, 2).join('.')}.`, 'signature'],
  ] as const)('%s is refused', async (_what, token, reason) => {
    using reader = new TokenReader(config('jwks.json'), log);
    expect(await reader.read(await token())).toContain(reason);
  });

  it('is read by a key in PEM, which is replaced without a restart and not by a broken one', async () => {
    using reader = new TokenReader(config('ec.pem'), log, 20);
    const [mine, its] = [await sign({}), await sign({}, { key: other.privateKey })];
    expect(await reader.read(mine)).toMatchObject({ name: 'kitchen' });
    expect(await reader.read(its)).toContain('signature');
    await writeFile(join(folder, 'ec.pem'), 'broken');
    await writeFile(join(folder, 'ec.pem'), other.publicKey.export({ type: 'spki', format: 'pem' }));
    await eventually(async () => expect(await reader.read(its)).toMatchObject({ name: 'kitchen' }));
    expect(await reader.read(mine)).toContain('signature');
  });

  it('as the password of MQTT lets in, with its rules, until it expires', async () => {
    await using ingest = await runIngest({ settings: { auth: { jwt: config('jwks.json') } } });
    const url = `mqtt://127.0.0.1:${ingest.ingest.mqttPort}`;
    const connect = (password: string) =>
      connectAsync(url, { username: 'jwt', password, reconnectPeriod: 0, clientId: 'j' }, false);
    const token = await sign({ publish: ['line/{line}/{name}'], tags: { line: '7' } }, { exp: 4 });
    const client = await connect(token);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await client.publishAsync('line/7/kitchen', '1', { qos: 1 });
    await closed; // It expired.
    await expect(connect(token)).rejects.toMatchObject({ code: 4 });
    await expect(connect(await sign({ sub: 'a/b' }))).rejects.toMatchObject({ code: 4 });
    await expect(connect('')).rejects.toMatchObject({ code: 4 });
    await eventually(async () => {
      const { items } = await readAudit(ingest.bus, 100, null, AbortSignal.timeout(5_000));
      expect(items.map(({ what }) => what)).toEqual(expect.arrayContaining(['expired', 'bad-token']));
    });
  });
});
