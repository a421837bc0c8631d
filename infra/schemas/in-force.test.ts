import { afterEach, beforeEach, expect, it } from 'vitest';
import { decodeRecords } from '../../events/record-codec.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { allMessages } from '../bus/all-messages.ts';
import {
  changeConfigInForce,
  configInForce,
  getConfigVersion,
  publishConfig,
  versionAt,
} from '../bus/config-versions.ts';
import { connectBus, type Bus } from '../bus/connection.ts';
import { openBucket } from '../bus/kv.ts';
import { ensureStreams } from '../bus/streams.ts';
import { planConfig } from '../changes/change-config.ts';
import { configSchema, processingConfig } from '../config/schema.ts';
import { putSchemasInForce } from './in-force.ts';
import { Registry } from './registry.ts';
import { SchemaStore } from './schema-store.ts';

let nats: NatsUnderTest;
let bus: Bus;
let registry: Registry;

beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 2, maxBytes: 64 * 2 ** 20, replicas: 1 });
  registry = new Registry(await SchemaStore.open(bus));
});
afterEach(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const config = (above = 80) =>
  configSchema.parse({
    topics: [{ template: 'a/{device}', format: 'avro' }],
    rules: [{ name: 'hot', field: 't', above }],
  });
const register = (text: string) => registry.register('s', { type: 'AVRO', text, references: [] });
const texts = async (version: number) => (await getConfigVersion(bus, version)).schemas.map(({ text }) => text);
const inForce = async (above?: number) => {
  const { next } = await planConfig(bus, config(above));
  return publishConfig(bus, 2, next);
};

async function controls(partition: number) {
  const messages = await allMessages(bus, streams.log, subjects.log(partition));
  return messages.flatMap(({ data }) => decodeRecords(data));
}

it('registering puts a version in force, which keeps its schemas when they are removed for good', async () => {
  expect(await putSchemasInForce(bus, 2)).toBeNull();
  expect(await inForce()).toBe(1);
  await register('"int"');
  expect(await putSchemasInForce(bus, 2)).toBe(2);
  expect(await putSchemasInForce(bus, 2)).toBe(2);
  await registry.deleteVersion('s', 1, false);
  expect(await putSchemasInForce(bus, 2)).toBe(3);
  expect((await getConfigVersion(bus, 3)).schemas).toMatchObject([{ subject: 's', version: 1, deleted: true }]);
  await registry.deleteVersion('s', 1, true);
  expect(await putSchemasInForce(bus, 2)).toBe(4);
  // As a process that starts later reads them.
  const other = await connectBus(nats.busOptions('other'));
  expect((await getConfigVersion(other, 2)).schemas).toMatchObject([
    { subject: 's', version: 1, id: 1, text: '"int"' },
  ]);
  await other.close();
  expect(await texts(4)).toEqual([]);
  for (const partition of [0, 1])
    expect(await controls(partition)).toMatchObject([1, 2, 3, 4].map((version) => ({ kind: 'control', version })));
});

it('a version names texts and does not hold them', async () => {
  await register(`{"type":"enum","name":"E","symbols":["${'A'.repeat(20_000)}"]}`);
  await inForce();
  const bucket = await openBucket(bus, 'config');
  const stored = Buffer.from((await bucket.get('version.1'))!.value).toString();
  expect(stored.length).toBeLessThan(10_000);
  expect(stored).toContain('"hash"');
});

it('changes nothing while no topic needs schemas', async () => {
  const version = await publishConfig(bus, 2, processingConfig(configSchema.parse({})));
  await register('"int"');
  expect(await putSchemasInForce(bus, 2)).toBe(version);
});

it('an apply keeps what is registered, and says what is new', async () => {
  await inForce();
  await register('"int"');
  const plan = await planConfig(bus, config(90));
  expect(plan.changes.filter(({ kind }) => kind !== 'unchanged')).toMatchObject([
    { part: 'rule', name: 'hot', kind: 'edited' },
    { part: 'schema', name: 's version 1', kind: 'added' },
  ]);
  const version = await publishConfig(bus, 2, plan.next);
  expect(await putSchemasInForce(bus, 2)).toBe(version);
});

it('a configuration that comes in between is not lost', async () => {
  await inForce(80);
  await register('"int"');
  let isFirst = true;
  const version = await changeConfigInForce(bus, 2, async (base) => {
    if (isFirst) await publishConfig(bus, 2, processingConfig(config(90)));
    isFirst = false;
    return { ...base, schemas: (await planConfig(bus, config())).next.schemas };
  });
  expect(version).toBe(3);
  const { config: found } = (await configInForce(bus))!;
  expect(found.rules[0]).toMatchObject({ above: 90 });
  expect(found.schemas).toHaveLength(1);
});

it('several who change at once come to one order, with what each of them did', async () => {
  await inForce();
  const others = await Promise.all([1, 2, 3].map((i) => connectBus(nats.busOptions(`other-${i}`))));
  await Promise.all(
    others.map(async (own, i) => {
      const one = new Registry(await SchemaStore.open(own));
      for (const text of ['"int"', '"long"', `{"type":"fixed","name":"F${i}","size":4}`])
        await one.register(`s${i}`, { type: 'AVRO', text, references: [] }).catch(() => undefined);
      await putSchemasInForce(own, 2);
    }),
  );
  const last = await putSchemasInForce(bus, 2);
  const { schemas } = await getConfigVersion(bus, last!);
  expect(schemas.map(({ subject, text }) => `${subject} ${text}`)).toEqual(
    [0, 1, 2].flatMap((i) => [`s${i} "int"`, `s${i} "long"`]),
  );
  expect(new Set(schemas.map(({ id }) => id)).size).toBe(2);
  for (const partition of [0, 1]) expect(await versionAt(bus, partition, 1_000)).toBe(last);
  await Promise.all(others.map((other) => other.close()));
});
