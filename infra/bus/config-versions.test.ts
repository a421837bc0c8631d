import { afterEach, beforeEach, expect, it } from 'vitest';
import { decodeRecords } from '../../events/record-codec.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { configSchema, processingConfig } from '../config/schema.ts';
import { allMessages } from './all-messages.ts';
import { canonicalJson, getConfigVersion, publishConfig, versionAt } from './config-versions.ts';
import { connectBus, type Bus } from './connection.ts';
import { openBucket } from './kv.ts';
import { ensureStreams } from './streams.ts';

let nats: NatsUnderTest;
let bus: Bus;

beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 2, maxBytes: 64 * 2 ** 20, replicas: 1 });
});
afterEach(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const configWith = (above: number) =>
  processingConfig(configSchema.parse({ rules: [{ name: 'hot', field: 'temperature', above }] }));

async function controls(partition: number) {
  const messages = await allMessages(bus, streams.log, subjects.log(partition));
  return messages.flatMap(({ data, sequence }) => decodeRecords(data).map((record) => ({ ...record, sequence })));
}

it('puts a version in force in every partition once, a changed one under the next number', async () => {
  expect(await publishConfig(bus, 2, configWith(80))).toBe(1);
  expect(await publishConfig(bus, 2, configWith(80))).toBe(1);
  expect(await publishConfig(bus, 2, configWith(90))).toBe(2);
  for (const partition of [0, 1])
    expect(await controls(partition)).toMatchObject([
      { kind: 'control', version: 1, previous: null },
      { kind: 'control', version: 2, previous: 1 },
    ]);
  expect(await getConfigVersion(bus, 1)).toEqual(configWith(80));
  expect(await getConfigVersion(bus, 2)).toEqual(configWith(90));
});

it('goes on where an interrupted try has stopped, without a second record', async () => {
  await publishConfig(bus, 2, configWith(80));
  // As if it had been killed after the record was stored and before that was noted down.
  await (await openBucket(bus, 'config')).delete('controls.1');
  expect(await publishConfig(bus, 2, configWith(80))).toBe(1);
  expect(await controls(0)).toHaveLength(1);
  expect(await controls(1)).toHaveLength(1);
  expect(await versionAt(bus, 1, 1_000)).toBe(1);
});

it('knows which version was in force at a position', async () => {
  expect(await versionAt(bus, 0, 1)).toBeNull();
  await publishConfig(bus, 2, configWith(80));
  await publishConfig(bus, 2, configWith(90));
  const [first = 0, second = 0] = (await controls(0)).map(({ sequence }) => sequence);
  expect(await versionAt(bus, 0, first)).toBe(1);
  expect(await versionAt(bus, 0, second)).toBe(1);
  expect(await versionAt(bus, 0, second + 1)).toBe(2);
});

it('reads a version that 0.1.0 wrote, as the workers need it', async () => {
  const window = { name: '1m', kind: 'tumbling', size: 60_000, lateness: 5_000, idle: 30_000, fields: ['*'] };
  const bucket = await openBucket(bus, 'config');
  await bucket.put('version.9', JSON.stringify({ topics: [], windows: [window], rules: [] }));
  const { windows, transforms } = await getConfigVersion(bus, 9);
  expect(windows).toEqual([{ ...window, by: ['device'], retain: 300_000, aggregates: [] }]);
  expect(transforms).toEqual([]);
});

it('says which version is missing', async () => {
  await expect(getConfigVersion(bus, 7)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
});

it('gives equal configurations equal text', () => {
  expect(canonicalJson({ b: 1, a: [{ d: 2, c: 3 }] })).toBe(canonicalJson({ a: [{ c: 3, d: 2 }], b: 1 }));
});
