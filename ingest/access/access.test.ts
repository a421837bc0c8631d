import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../events/audit.ts';
import { readAudit } from '../../infra/access/audit-trail.ts';
import { configSchema } from '../../infra/config/schema.ts';
import { createLogger } from '../../infra/log.ts';
import { startAccess } from './start-access.ts';
import { connectBus } from '../../infra/bus/connection.ts';
import { CredentialAdmin } from '../../infra/access/credential-admin.ts';
import {
  connectPacket,
  eventually,
  publishPacket,
  runIngest,
  type IngestUnderTest,
} from '../../test/running-ingest.ts';

const actor = { by: 'test', address: '' };
const nowUs = () => Date.now() * 1_000;
let ingest: IngestUnderTest;
let admin: CredentialAdmin;

beforeAll(async () => {
  ingest = await runIngest();
  admin = await CredentialAdmin.open(ingest.bus, nowUs);
});
afterAll(() => ingest[Symbol.asyncDispose]());

/** Adds a credential and waits until ingest lets it in. @returns its secret */
async function add(name: string, more: object = {}): Promise<string> {
  const change = await admin.add({ name, ...more }, actor, 0);
  if (change.kind !== 'done') throw new Error(change.kind);
  const secret = change.secret!;
  await eventually(async () => expect(await codeOf(name, { username: name, password: Buffer.from(secret) })).toBe(0));
  return secret;
}

async function codeOf(clientId: string, options: Parameters<typeof connectPacket>[1]): Promise<number | undefined> {
  const client = await ingest.raw();
  client.send(connectPacket(clientId, options));
  await eventually(() => expect(client.received('connack')).toHaveLength(1));
  client.socket.destroy();
  return client.received('connack')[0]!.returnCode;
}

const as = (username: string, secret: string) => ({ username, password: Buffer.from(secret) });

async function audited(expected: Partial<AuditEntry>): Promise<void> {
  await eventually(async () => {
    const { items } = await readAudit(ingest.bus, 500, null, AbortSignal.timeout(5_000));
    expect(items).toContainEqual(expect.objectContaining(expected));
  });
}

it('everybody is let in until the first credential, who is anonymous then is disconnected', async () => {
  const early = await ingest.connected('early');
  early.send(publishPacket('any/topic', '1', { qos: 1, messageId: 1 }));
  await eventually(() => expect(early.received('puback')).toHaveLength(1));
  await add('first');
  await eventually(() => expect(early.closed).toBe(true), 5_000);
  expect(await codeOf('early', {})).toBe(5);
  await audited({ what: 'no-credential', client: 'early', address: '127.0.0.1' });
});

describe('at CONNECT', () => {
  it('a wrong secret, an unknown name and another name of a secret are refused alike', async () => {
    const secret = await add('kitchen');
    for (const [username, password] of [
      ['kitchen', 'mrd_wrong'],
      ['kitchen', ''],
      ['nobody', secret],
      ['first', secret],
      ['kitchen', `${secret}x`],
    ] as const)
      expect(await codeOf('x', as(username, password))).toBe(4);
    await audited({ what: 'bad-credential', who: 'kitchen', client: 'x', address: '127.0.0.1' });
  });

  it('a stolen client id is refused, and its holder stays', async () => {
    const [one, other] = [await add('one'), await add('other')];
    const rightful = await ingest.connected('shared-id', as('one', one));
    expect(await codeOf('shared-id', as('other', other))).toBe(2);
    // The name of a credential is its own, whether it is here or not.
    expect(await codeOf('one', as('other', other))).toBe(2);
    await audited({ what: 'stolen-client-id', who: 'other', client: 'shared-id' });
    rightful.send({ cmd: 'pingreq' });
    await eventually(() => expect(rightful.received('pingresp')).toHaveLength(1));
    // The same identity takes over its own, as MQTT says.
    const again = await ingest.connected('shared-id', as('one', one));
    await eventually(() => expect(rightful.closed).toBe(true));
    again.socket.destroy();
    await eventually(async () => expect(await codeOf('shared-id', as('other', other))).toBe(0));
  });

  it('a session that waits is kept from others', async () => {
    const [one, other] = [await add('sleeper'), await add('thief')];
    const sleeper = await ingest.connected('bedroom', { ...as('sleeper', one), clean: false });
    sleeper.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'sensors/x/sleeper/set', qos: 1 }] });
    await eventually(() => expect(sleeper.received('suback')).toMatchObject([{ granted: [1] }]));
    sleeper.socket.destroy();
    await eventually(async () => expect(await codeOf('bedroom', { ...as('thief', other), clean: false })).toBe(2));
    expect(await codeOf('bedroom', { ...as('thief', other), clean: true })).toBe(2);
    expect(await codeOf('bedroom', { ...as('sleeper', one), clean: false })).toBe(0);
  });

  it('a will on a foreign topic is refused', async () => {
    const secret = await add('hall');
    const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), qos: 0 as const, retain: false });
    expect(await codeOf('hall', { ...as('hall', secret), will: will('sensors/home/kitchen') })).toBe(5);
    expect(await codeOf('hall', { ...as('hall', secret), will: will('sensors/home/hall/status') })).toBe(0);
    await audited({ what: 'topic-will', who: 'hall', topic: 'sensors/home/kitchen' });
  });
});

describe('topics', () => {
  it('a foreign one is not published to, and the connection ends without an acknowledgement', async () => {
    const secret = await add('attic', { tags: { site: 'home' } });
    const client = await ingest.connected('attic', as('attic', secret));
    client.send(publishPacket('sensors/home/attic', '{"t":1}', { qos: 1, messageId: 1 }));
    await eventually(() => expect(client.received('puback')).toHaveLength(1));
    client.send(publishPacket('sensors/work/attic', '{"t":2}', { qos: 1, messageId: 2 }));
    await eventually(() => expect(client.closed).toBe(true));
    expect(client.received('puback')).toHaveLength(1);
    expect(ingest.publishes().map(({ topic }) => topic)).not.toContain('sensors/work/attic');
    await audited({ what: 'topic-publish', who: 'attic', topic: 'sensors/work/attic' });
  });

  it('a foreign one is not subscribed to, nor reached by a wildcard', async () => {
    const secret = await add('cellar', { subscribe: ['rooms/{name}/+', 'all/#'] });
    const client = await ingest.connected('cellar', as('cellar', secret));
    const subscriptions = ['rooms/cellar/+', 'rooms/+/light', '#', 'all/#', 'rooms/cellar/#'].map((topic) => ({
      topic,
      qos: 1 as const,
    }));
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions });
    await eventually(() => expect(client.received('suback')).toMatchObject([{ granted: [1, 128, 128, 1, 128] }]));
    await audited({ what: 'topic-subscribe', who: 'cellar', topic: 'rooms/+/light' });
  });
});

describe('credentials', () => {
  it('rotated with an overlap both secrets are valid, without one the old connection ends', async () => {
    const first = await add('garage');
    const second = await admin.rotate('garage', 3_600_000_000, actor);
    if (second.kind !== 'done') throw new Error(second.kind);
    await eventually(async () => expect(await codeOf('garage', as('garage', second.secret!))).toBe(0));
    expect(await codeOf('garage', as('garage', first))).toBe(0);
    const client = await ingest.connected('garage', as('garage', first));
    const third = await admin.rotate('garage', 0, actor);
    if (third.kind !== 'done') throw new Error(third.kind);
    await eventually(() => expect(client.closed).toBe(true), 5_000);
    for (const old of [first, second.secret!]) expect(await codeOf('garage', as('garage', old))).toBe(4);
    expect(await codeOf('garage', as('garage', third.secret!))).toBe(0);
    await audited({ what: 'credential-rotated', who: 'garage', by: 'test' });
  });

  it('an overlap ends by itself', async () => {
    const first = await add('porch');
    const client = await ingest.connected('porch', as('porch', first));
    await admin.rotate('porch', 1_500_000, actor);
    await eventually(() => expect(client.closed).toBe(true), 8_000);
    expect(await codeOf('porch', as('porch', first))).toBe(4);
  });

  it("revoked: disconnected within 5 s, refused after it, and its name is nobody else's", async () => {
    const secret = await add('shed');
    const client = await ingest.client({ clientId: 'shed', username: 'shed', password: secret });
    const closed = new Promise((resolve) => client.once('close', () => resolve(performance.now())));
    const revokedAtMs = performance.now();
    expect((await admin.revoke('shed', actor)).kind).toBe('done');
    expect(((await closed) as number) - revokedAtMs).toBeLessThan(5_000);
    expect(await codeOf('shed', as('shed', secret))).toBe(4);
    await audited({ what: 'revoked', who: 'shed', client: 'shed' });
    await audited({ what: 'credential-revoked', who: 'shed', by: 'test' });
    expect((await admin.revoke('shed', actor)).kind).toBe('missing');
    // The last one gone does not open the door, and the name may be given anew.
    expect(await codeOf('anybody', {})).toBe(5);
    expect(await codeOf('shed', as('shed', await add('shed')))).toBe(0);
  });

  it.each([
    [{ name: 'a/b' }, 'name must be'],
    [{ name: 'a', tags: { site: '+' } }, 'tags.site'],
    [{ name: 'a', publish: ['x/{line}'] }, 'publish[0] "x/{line}": {line} is no tag'],
    [{ name: 'a', subscribe: ['x/#/y'] }, '# has to be the last level'],
    [{ name: 'a', certificate: 'abc' }, '64 hex digits'],
  ])('%j is refused', async (request, reason) => {
    expect(await admin.add(request, actor, 0)).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it('keep no secret in the store', async () => {
    const secret = await add('vault');
    const { messages } = await ingest.bus.manager.streams.info('KV_credentials').then(({ state }) => state);
    expect(messages).toBeGreaterThan(0);
    const stored = await ingest.bus.manager.streams.getMessage('KV_credentials', {
      last_by_subj: '$KV.credentials.device.vault',
    });
    expect(Buffer.from(stored.data).toString()).not.toContain(secret.slice(4));
  });
});

it("ingest's own user of NATS can neither change credentials nor write changes into the audit log", async () => {
  const bus = await connectBus(ingest.nats.busOptions('intruder', 'ingest'));
  const options = { timeout: 1_000 };
  await expect(bus.jetstream.publish('$KV.credentials.device.x', '{}', options)).rejects.toThrow();
  await expect(bus.jetstream.publish('audit.changed', '{}', options)).rejects.toThrow();
  await expect(bus.manager.streams.purge('AUDIT')).rejects.toThrow();
  await bus.close();
  // Nor can anybody empty it.
  await expect(ingest.bus.manager.streams.purge('AUDIT')).rejects.toThrow();
});

it('for HTTP: a secret alone as the token says who it is; what is refused is audited', async () => {
  const secret = await add('gateway', { publish: ['gateway/{name}/#'] });
  const service = await startAccess(ingest.bus, configSchema.parse({}), createLogger('test', 'silent'), nowUs);
  const { access } = service;
  const identity = (await access.identify({ token: secret, address: '10.0.0.7' }))!;
  expect(identity).toEqual({ name: 'gateway', kind: 'device' });
  expect(access.mayPublish(identity, 'gateway/gateway/1')).toBe(true);
  expect(access.mayPublish(identity, 'gateway/other/1')).toBe(false);
  expect(await access.identify({ username: 'gateway', password: secret, address: '' })).not.toBeNull();
  // As InfluxDB 1.8 has it: `Token gateway:<secret>`, read as both.
  const both = (name: string) => ({ token: `${name}:${secret}`, username: name, password: secret, address: '' });
  expect(await access.identify(both('gateway'))).toEqual({ name: 'gateway', kind: 'device' });
  expect((await access.judge(both('other'))).kind).toBe('refused');
  expect(await access.identify({ token: 'mrd_wrong', address: '10.0.0.7' })).toBeNull();
  expect(await access.identify({ address: '10.0.0.8' })).toBeNull();
  // A made-up identity is nobody.
  expect(access.mayPublish({ name: 'gateway', kind: 'device' }, 'gateway/gateway/1')).toBe(false);
  await service.stop();
  await audited({ what: 'bad-credential', address: '10.0.0.7' });
  await audited({ what: 'no-credential', address: '10.0.0.8' });
});

it('where certificates are required, a secret alone is not enough', async () => {
  const secret = await add('plain');
  const tls = { cert: 'c', key: 'k', ca: 'a', clientCertificates: 'require' };
  const log = createLogger('test', 'silent');
  const { access, stop } = await startAccess(ingest.bus, configSchema.parse({ tls }), log, nowUs);
  const shown = { username: 'plain', password: secret, address: '' };
  expect(await access.judge(shown)).toMatchObject({ kind: 'refused', reason: 'bad-certificate' });
  const certificate = { commonName: 'plain', fingerprint: 'ab'.repeat(32) };
  expect(await access.judge({ ...shown, certificate })).toMatchObject({ identity: { kind: 'certificate' } });
  await stop();
});
