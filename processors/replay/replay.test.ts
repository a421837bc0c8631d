import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { encodeRecords } from '../../events/record-codec.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createLogPublisher, type LogPublisher } from '../../infra/bus/log-publisher.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { ensureStreams, purgeBefore, streamInfo } from '../../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { createLogger } from '../../infra/log.ts';
import { runInflux, runNats, type NatsUnderTest, type ServerUnderTest } from '../../test/running-servers.ts';
import { connectInflux } from '../storage/influx-connection.ts';
import { queryInflux } from '../storage/influx-query.ts';
import { InfluxStore } from '../storage/influx-store.ts';
import { seriesNames } from '../storage/series-names.ts';
import { startStorage } from '../storage/storage.ts';
import { Alarms } from '../alarms.ts';
import { runPartition, type PartitionContext } from '../worker/partition-run.ts';
import { contextOn } from '../worker/partition-under-test.ts';
import { reading } from '../worker/sample-batches.ts';
import type { LaneReader } from './lane-reader.ts';
import { partitionReader } from './partition-reader.ts';
import { ReplayCounts } from './replay-figures.ts';
import { ReplayLane } from './replay-lane.ts';
import { ReplayWriter } from './replay-writer.ts';
import { replayLog, type ReplayOptions } from './replay.ts';

const partitions = 2;
const config = configSchema.parse({
  log: { partitions },
  clock: { maxAhead: '50ms' },
  windows: [
    { name: '2s', size: '2s', lateness: '0s', retain: '10m' },
    { name: '10s', size: '10s', from: '2s' },
    { name: 'site', size: '20ms', by: ['site'], lateness: '30ms' },
    { name: 'short', size: '20ms', lateness: '0s' },
    { name: 'five', kind: 'count', count: 5 },
  ],
  joins: [
    {
      name: 'apart',
      left: { field: 'temperature', where: { device: 'a' } },
      right: { field: 'temperature', where: { device: 'b' } },
      tolerance: '10ms',
      lateness: '30ms',
      expression: 'left - right',
    },
  ],
});

let nats: NatsUnderTest;
let influx: ServerUnderTest;
let bus: Bus;
let publisher: LogPublisher;
let databases = 0;
/** Batches of each partition. */
let sent = [0, 0];
/** On the begin of a long window, so far back that all of it is over. */
let startUs = 0;

/** Storage makes it, and has nothing else to do. */
async function useNewDatabase(): Promise<void> {
  config.influx.bucket = `replays${++databases}`;
  const log = createLogger('test', 'silent');
  const alarms = new Alarms(bus, log);
  const storage = await startStorage({ config, bus, influx: { url: influx.url }, partitions, log, alarms });
  await storage.stop();
}

beforeAll(async () => {
  influx = await runInflux();
});
afterAll(async () => {
  await influx[Symbol.asyncDispose]();
});
beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions, maxBytes: 64 * 2 ** 20, replicas: 1 });
  await publishConfig(bus, partitions, processingConfig(config));
  publisher = createLogPublisher(bus, { producer: 'ingest-1' });
  sent = [0, 0];
  startUs = Math.floor(Date.now() / 10_000 - 60) * 1e7;
  await useNewDatabase();
});
afterEach(async () => {
  publisher.close();
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

/** Appends one message for each reading: the device's partition is by its name here. @returns the last sequence. */
async function say(device: 'a' | 'b', at: number, temperature: number): Promise<number> {
  const partition = device === 'a' ? 0 : 1;
  sent[partition]!++;
  return publisher.publish(partition, encodeRecords([reading(startUs, device, at, temperature)]), sent[partition]!);
}

const aheadUs = { a: 0, b: 45_000 };

/** Both devices for so long as they go, with the time that it is; the clock of one is ahead. */
async function sayFor(ms: number): Promise<void> {
  for (const endMs = Date.now() + ms; Date.now() < endMs;)
    for (const device of ['a', 'b'] as const)
      await say(device, (Date.now() * 1e3 + aheadUs[device] - startUs) / 1e5, Date.now() % 17);
}

async function sayAll(count: number): Promise<void> {
  for (let at = 0; at < count; at++) for (const device of ['a', 'b'] as const) await say(device, at, at % 17);
}

const notes: string[] = [];
const replay = (over: Partial<ReplayOptions> = {}) => {
  notes.length = 0;
  return replayLog({
    bus,
    config,
    influx: { url: influx.url },
    into: 'influxdb',
    from: 1,
    until: null,
    trial: null,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onNote: (text) => notes.push(text),
    ...over,
  });
};

const influxOf = () => connectInflux({ url: influx.url, org: config.influx.org, bucket: config.influx.bucket });
const select = (statement: string) => queryInflux(influxOf(), statement, new AbortController().signal);
/** In an order of their own: InfluxDB has none among points of one time. */
const rows = async (statement: string) =>
  (await select(statement)).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const contents = async () => ({
  readings: await rows('SELECT * FROM readings'),
  windows: await rows('SELECT * FROM windows.windows'),
});

it('writes what spans devices too', async () => {
  await sayFor(200);
  const figures = await replay();
  expect(figures).toMatchObject({ gaps: 0, withheld: 0, refused: 0 });
  // What was said twice in a millisecond is said again.
  expect(figures.readings + figures.duplicates).toBe(sent[0]! + sent[1]!);
  const { readings, windows } = await contents();
  const sites = windows.filter((row) => row['window'] === 'site');
  expect(sites.length).toBeGreaterThan(0);
  const joined = readings.filter((row) => row['processor'] === 'apart');
  expect(joined.length).toBeGreaterThan(0);
  expect(figures.derived).toBe(joined.length);
});

it('a log without its past changes nothing that is stored', async () => {
  await sayFor(400);
  const whole = await replay();
  const before = await contents();
  const { lastSequence } = await streamInfo(bus, streams.log);
  const from = Math.floor(lastSequence / 3);
  await purgeBefore(bus, streams.log, from);
  const figures = await replay({ from });
  // In each partition, and in the fleet's reading of each.
  expect(figures.gaps).toBe(2 * partitions);
  expect(figures.withheld).toBeGreaterThan(10);
  expect(figures.windows).toBeGreaterThan(10);
  expect(figures.windows).toBeLessThan(whole.windows);
  expect(notes.join()).toMatch(/Partition 0: before message \d+ there were others that are no longer in the log/);
  expect(notes.join()).toMatch(/The fleet: \d+ results may depend on messages no longer in the log/);
  expect(await contents()).toEqual(before);
});

it('of windows that a log without its past does not tell it writes what the pipeline had of them', async () => {
  await sayFor(400);
  for (let partition = 0; partition < partitions; partition++) await runWorker(partition);
  await replay();
  const ofDevices = async () => (await contents()).windows.filter((row) => row['window'] !== 'site');
  const before = await ofDevices();
  const { lastSequence } = await streamInfo(bus, streams.log);
  await purgeBefore(bus, streams.log, Math.floor(lastSequence / 2));
  await useNewDatabase();
  const figures = await replay({ from: 1 });
  expect(figures.restored).toBeGreaterThan(10);
  expect(await ofDevices()).toEqual(before);
});

it('a replay of a stretch leaves the windows as the whole log has them', async () => {
  await sayAll(60);
  const { lastSequence } = await streamInfo(bus, streams.log);
  // Late: windows that are closed by then are revised, the folded ones with them.
  for (const at of [3, 25, 4]) await say('a', at + 0.5, 50);
  await replay();
  const before = await contents();
  expect(before.windows.filter((row) => row['revision'] === 2).length).toBeGreaterThan(0);
  const figures = await replay({ until: lastSequence + 1 });
  expect(figures.revised).toBeGreaterThan(2);
  expect(await contents()).toEqual(before);
});

it('readings that come while it runs are in the windows that it wrote', async () => {
  await sayAll(60);
  let late = Promise.resolve(0);
  // Not counted: it looks for erasures first.
  let asked = -1;
  // It asks where the log ends when it begins, and again when it has written: in between come late readings.
  const { streams: api, consumers } = bus.manager;
  const info: typeof api.info = async (...args) => {
    if (args[0] === streams.log && [2, 8, 9].includes(++asked)) {
      const before = late;
      const nth = asked;
      late = (async () => (await before, say('a', 3 + nth / 100, 60 + nth)))();
    }
    await late;
    return api.info(...args);
  };
  const getMessage: typeof api.getMessage = (...args) => api.getMessage(...args);
  const through: Bus = {
    connection: bus.connection,
    jetstream: bus.jetstream,
    manager: { ...bus.manager, consumers, streams: { ...api, info, getMessage } },
    get connected() {
      return bus.connected;
    },
    whenConnected: (signal) => bus.whenConnected(signal),
    onLink: (listener) => bus.onLink(listener),
    close: () => bus.close(),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
  await replay({ bus: through });
  const raced = await contents();
  await replay();
  expect(raced.windows.filter(({ max }) => max === 69).length).toBeGreaterThan(0);
  expect(raced.windows).toEqual((await contents()).windows);
});

/** The worker of a partition until the log's end: what it gives is in WINDOWS. */
async function runWorker(partition: number): Promise<void> {
  const last = (await lastMessage(bus, streams.log, subjects.log(partition)))!.sequence;
  const stop = new AbortController();
  const onMessage: PartitionContext['onMessage'] = ({ sequence }) => void (sequence === last && stop.abort());
  await runPartition({ ...(await contextOn(bus)), partition, partitions, onMessage }, stop.signal);
}

it('a log that is trimmed from under it leaves windows as the pipeline has them', async () => {
  for (let at = 0; at < 100; at++) await say('a', at, at % 17);
  // Behind the first window, which is written by then, and among what will be gone when it is read.
  await say('a', 30, 1);
  for (let at = 100; at < 500; at++) await say('a', at, at % 17);
  const late = await say('a', 3.5, 50);
  for (let at = 500; at < 900; at++) await say('a', at, at % 17);
  await runWorker(0);
  await replay();
  const before = await contents();

  const signal = new AbortController();
  const options = {
    bus,
    partitions,
    checkpoint: null,
    lives: new Map(),
    trial: null,
    signal: signal.signal,
    onNote: () => undefined,
  };
  const reader = await partitionReader(0, options);
  let removed = false;
  const trimmed: LaneReader = {
    subject: reader.subject,
    results: reader.results,
    title: reader.title,
    get position() {
      return reader.position;
    },
    get config() {
      return reader.config;
    },
    gap: (from, to) => reader.gap(from, to),
    async take(message) {
      if (message.sequence > 90 && !removed) {
        removed = true;
        await purgeBefore(bus, streams.log, late + 100);
      }
      return reader.take(message);
    },
  };
  const counts = new ReplayCounts(1);
  const store = new InfluxStore(influxOf(), signal.signal, () => undefined);
  const answers = { isErased: () => false, onStored: () => undefined, onRefused: () => undefined };
  const writer = new ReplayWriter({ store, resultNames: seriesNames(config.topics), ...answers });
  const written = writer.run(signal.signal);
  const { lastSequence } = await streamInfo(bus, streams.log);
  const stretch = { begin: 1, from: 1, until: lastSequence + 1 };
  await new ReplayLane({ ...options, ...stretch, reader: trimmed, lane: 0, counts, writer }).run();
  signal.abort();
  await written;
  expect(counts.counts).toMatchObject({ gaps: 1, restored: expect.toSatisfy((restored: number) => restored > 0) });
  expect(counts.counts.withheld).toBeGreaterThan(0);
  expect((await contents()).windows).toEqual(before.windows);
});
