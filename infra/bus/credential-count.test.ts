import { afterAll, beforeAll, expect, it } from 'vitest';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { CredentialAdmin } from '../access/credential-admin.ts';
import { connectBus, type Bus } from './connection.ts';
import { credentialCount } from './credential-count.ts';
import { ensureStreams } from './streams.ts';

let nats: NatsUnderTest;
let bus: Bus;

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

it('counts what keeps unknown clients out: revoked credentials, but not revoked certificates', async () => {
  expect(await credentialCount(bus)).toBe(0);
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
  const admin = await CredentialAdmin.open(bus, () => 1);
  const actor = { by: 'test', address: '' };
  await admin.revokeCertificate('a'.repeat(64), actor);
  expect(await credentialCount(bus)).toBe(0);
  await admin.add({ name: 'kitchen' }, actor, 0);
  expect(await credentialCount(bus)).toBe(1);
  await admin.revoke('kitchen', actor);
  expect(await credentialCount(bus)).toBe(1);
});
