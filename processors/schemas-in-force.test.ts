import { afterEach, beforeEach, expect, it } from 'vitest';
import { configInForce, publishConfig } from '../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../infra/bus/connection.ts';
import { ensureStreams } from '../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../infra/config/schema.ts';
import { createLogger } from '../infra/log.ts';
import { askInForce } from '../infra/schemas/in-force-request.ts';
import { Registry } from '../infra/schemas/registry.ts';
import { SchemaStore } from '../infra/schemas/schema-store.ts';
import { until } from '../test/millrace.ts';
import { runNats, type NatsUnderTest } from '../test/running-servers.ts';
import { conflated, keepSchemasInForce } from './schemas-in-force.ts';

let nats: NatsUnderTest;
let bus: Bus;
let dashboard: Bus;
let registry: Registry;

const topics = [{ template: 'a/{device}', format: 'avro' }];
const configOf = (above: number) =>
  processingConfig(configSchema.parse({ topics, rules: [{ name: 'hot', field: 't', above }] }));
const inForce = async () => (await configInForce(bus))!.config;
const register = (subject: string) => registry.register(subject, { type: 'AVRO', text: '"int"', references: [] });

beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('processors', 'processors'));
  await ensureStreams(bus, { partitions: 2, maxBytes: 64 * 2 ** 20, replicas: 1 });
  dashboard = await connectBus(nats.busOptions('dashboard', 'dashboard'));
  registry = new Registry(await SchemaStore.open(dashboard));
  await publishConfig(bus, 2, configOf(1));
});
afterEach(async () => {
  await Promise.all([bus.close(), dashboard.close()]);
  await nats[Symbol.asyncDispose]();
});

/** Runs the duty while `work` is done. */
async function keeping(work: () => Promise<unknown>): Promise<void> {
  const stopping = new AbortController();
  const done = keepSchemasInForce({ bus, partitions: 2, log: createLogger('processors', 'silent') }, stopping.signal);
  try {
    await work();
  } finally {
    stopping.abort();
    await done;
  }
}

it('what is asked for is in force when it is answered', async () => {
  await keeping(async () => {
    await until('somebody answers', async () => (await askInForce(dashboard), true));
    for (const subject of ['one', 'two']) {
      await register(subject);
      await askInForce(dashboard);
      expect((await inForce()).schemas.map((schema) => schema.subject)).toContain(subject);
    }
  });
});

it('what was registered without processors is in force when they run', async () => {
  await register('early');
  await expect(askInForce(dashboard)).rejects.toThrow(/registered, but not in force yet/);
  expect((await inForce()).schemas).toEqual([]);
  await keeping(async () => {
    await until('it is in force', async () => (await inForce()).schemas.length === 1);
  });
});

it('a configuration put in force by who did not know of a schema loses none, and is kept', async () => {
  await keeping(async () => {
    await register('one');
    await until('it is in force', async () => (await inForce()).schemas.length === 1);
    await publishConfig(bus, 2, configOf(2));
    await until('it is in force again', async () => (await inForce()).schemas.length === 1);
    expect((await inForce()).rules).toMatchObject([{ above: 2 }]);
  });
});

it('who asks during a run shares the next one', async () => {
  const ends: (() => void)[] = [];
  let runs = 0;
  const ask = conflated(() => new Promise<number>((resolve) => ends.push(() => resolve(++runs))));
  const first = ask();
  const others = [ask(), ask(), ask()];
  expect(ends).toHaveLength(1);
  ends.shift()!();
  expect(await first).toBe(1);
  await until('the next run began', () => ends.length === 1);
  const last = ask();
  ends.shift()!();
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
  await until('one more began', () => ends.length === 1);
  ends.shift()!();
  expect(await last).toBe(3);
});
