import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { Agent, get, type RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../events/audit.ts';
import { readAudit } from '../../infra/access/audit-trail.ts';
import { CredentialAdmin } from '../../infra/access/credential-admin.ts';
import { eventually, runIngest, type IngestUnderTest } from '../../test/running-ingest.ts';
import { createAuthority, type Authority, type CertificatePair } from '../../test/test-certificates.ts';

const actor = { by: 'test', address: '' };
let folder: string;
let authority: Authority;
let server: CertificatePair;
let ingest: IngestUnderTest;
let admin: CredentialAdmin;
/** Of who is connected while certificates are renewed. */
let stays: CertificatePair;

const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-tls-'));
  authority = await createAuthority('Plant');
  server = await authority.issue('first', { isServer: true });
  await writeFile(file('cert.pem'), server.cert);
  await writeFile(file('key.pem'), server.key);
  await writeFile(file('ca.pem'), authority.cert);
  await writeFile(file('crl.pem'), await authority.crl([]));
  const tls = {
    cert: file('cert.pem'),
    key: file('key.pem'),
    ca: file('ca.pem'),
    crl: file('crl.pem'),
    clientCertificates: 'accept',
  };
  ingest = await runIngest({ settings: { tls } });
  admin = await CredentialAdmin.open(ingest.bus, () => Date.now() * 1_000);
});
afterAll(async () => {
  await ingest[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const connect = (url: string, options: IClientOptions) =>
  connectAsync(url, { ca: authority.cert, reconnectPeriod: 0, connectTimeout: 5_000, ...options }, false);
const mqtts = (options: IClientOptions = {}) => connect(`mqtts://localhost:${ingest.ingest.mqttsPort}`, options);

const ended = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

/** The return code that refuses a client. */
async function refusalOf(options: IClientOptions): Promise<number | undefined> {
  try {
    const client = await mqtts(options);
    await client.endAsync(true);
    return 0;
  } catch (error) {
    return (error as { code?: number }).code;
  }
}

/** The name in the certificate that a new connection of each kind is served with. */
const served: Record<string, () => Promise<string>> = {
  MQTT: () => shownTo(async (seen) => (await mqtts({ ...stays, ...seen })).endAsync(true)),
  WebSocket: () => shownTo(async (seen) => (await overWebSocket({ ...stays, ...seen })).endAsync(true)),
  HTTP: () => shownTo(async (seen) => void (await ping(seen))),
};

type Seen = Pick<ConnectionOptions, 'checkServerIdentity'>;

async function shownTo(connecting: (seen: Seen) => Promise<unknown>): Promise<string> {
  let name = '';
  await connecting({
    checkServerIdentity(_host, { subject }) {
      name = String(subject.CN);
      return undefined;
    },
  });
  return name;
}

const overWebSocket = (wsOptions: CertificatePair & Seen) => {
  return connect(`wss://localhost:${ingest.ingest.httpPort}/mqtt`, { wsOptions: wsOptions as object });
};

/** @returns status, and whether it went over a connection that was there. */
async function ping(options: RequestOptions): Promise<[status: number, isKept: boolean]> {
  const request = get(`https://localhost:${ingest.ingest.httpPort}/ping`, {
    ca: authority.cert,
    agent: false,
    ...options,
  });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return [answer.statusCode!, request.reusedSocket];
}

async function audited(expected: Partial<AuditEntry>): Promise<void> {
  await eventually(async () => {
    const { items } = await readAudit(ingest.bus, 500, null, AbortSignal.timeout(5_000));
    expect(items).toContainEqual(expect.objectContaining(expected));
  });
}

describe('a client certificate', () => {
  it('is the identity: its name fills the topic rules', async () => {
    const pair = await authority.issue('kitchen');
    const client = await mqtts({ ...pair, clientId: 'whatever' });
    await client.publishAsync('sensors/home/kitchen', '{"t":1}', { qos: 1 });
    const closed = ended(client);
    client.publish('sensors/home/hall', '{"t":1}', { qos: 1 });
    await closed;
    await eventually(() => expect(ingest.publishes().map(({ topic }) => topic)).toEqual(['sensors/home/kitchen']));
    await audited({ what: 'topic-publish', who: 'kitchen', topic: 'sensors/home/hall' });
  });

  it.each([
    ['of another authority', async () => (await createAuthority('Plant')).issue('kitchen'), /does not count/],
    ['that has expired', () => authority.issue('kitchen', { forMs: -1_000 }), /CERT_HAS_EXPIRED/],
    ['with a name that would be a wildcard', () => authority.issue('+'), /characters of topic filters/],
  ] as const)('%s is refused and audited', async (what, issue, reason) => {
    const client = `bad-${what.length}`;
    expect(await refusalOf({ ...(await issue()), clientId: client })).toBe(5);
    await audited({ what: 'bad-certificate', client, reason: expect.stringMatching(reason) as string });
  });

  it('nobody without one or a secret is let in', async () => {
    expect(await refusalOf({})).toBe(5);
  });

  it('revoked by its fingerprint or its name, its connection ends and it is refused', async () => {
    for (const by of ['fingerprint', 'name'] as const) {
      const pair = await authority.issue(`pump-${by}`);
      const client = await mqtts(pair);
      const closed = ended(client);
      const der = new X509Certificate(pair.cert).raw;
      if (by === 'name') await admin.ban('pump-name', actor);
      else await admin.revokeCertificate(createHash('sha256').update(der).digest('hex'), actor);
      await closed;
      expect(await refusalOf(pair)).toBe(5);
      await audited({ what: 'revoked', who: `pump-${by}` });
      await audited({
        what: 'bad-certificate',
        who: `pump-${by}`,
        reason: expect.stringContaining('revoked') as string,
      });
    }
  });

  it('bound to a credential by its fingerprint has its name and rules', async () => {
    const pair = await authority.issue('Factory issued 0815');
    const certificate = new X509Certificate(pair.cert).fingerprint256;
    await admin.add({ name: 'boiler', certificate, publish: ['heat/{name}'] }, actor, 0);
    await eventually(async () => {
      const client = await mqtts({ ...pair, clientId: 'boiler' });
      await client.publishAsync('heat/boiler', '1', { qos: 1 });
      await client.endAsync(true);
    });
  });

  it('on a renewed revocation list is refused without a restart, its connection ends', async () => {
    const [bad, good] = [await authority.issue('bad'), await authority.issue('good')];
    const client = await mqtts(bad);
    const closed = ended(client);
    await writeFile(file('crl.pem'), await authority.crl([bad]));
    await closed;
    expect(await refusalOf(bad)).toBe(5);
    expect(await refusalOf(good)).toBe(0);
    await audited({ what: 'bad-certificate', who: 'bad', reason: expect.stringContaining('CERT_REVOKED') as string });
  });
});

it('over WebSocket the port speaks TLS too, and the certificate counts', async () => {
  const pair = await authority.issue('socket');
  const client = await connect(`wss://localhost:${ingest.ingest.httpPort}/mqtt`, { wsOptions: pair, clientId: 'ws' });
  await client.publishAsync('sensors/home/socket', '{"t":1}', { qos: 1 });
  await client.endAsync(true);
  await expect(connect(`wss://localhost:${ingest.ingest.httpPort}/mqtt`, {})).rejects.toMatchObject({ code: 5 });
});

it('a renewed certificate is served without a restart, a broken one is not, and connections there stay', async () => {
  stays = await authority.issue('stays');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const clients = [await mqtts(stays), await overWebSocket(stays)];
  expect(await ping({ agent })).toEqual([204, false]);
  const all = (name: string) => Object.fromEntries(Object.keys(served).map((kind) => [kind, name]));
  const now = async () =>
    Object.fromEntries(await Promise.all(Object.entries(served).map(async ([kind, by]) => [kind, await by()])));

  expect(await now()).toEqual(all('first'));
  const second = await authority.issue('second', { isServer: true });
  await writeFile(file('cert.pem'), second.cert); // The key is still that of the first: not to be used.
  expect(await now()).toEqual(all('first'));
  await writeFile(file('key.pem'), second.key);
  await eventually(async () => expect(await now()).toEqual(all('second')));
  await writeFile(file('cert.pem'), 'broken');
  for (const [i, client] of clients.entries()) {
    await client.publishAsync('sensors/home/stays', String(i), { qos: 1 });
    expect(client.connected).toBe(true);
  }
  expect(await ping({ agent })).toEqual([204, true]);
  expect(await now()).toEqual(all('second'));
  for (const client of clients) await client.endAsync(true);
  agent.destroy();
});
