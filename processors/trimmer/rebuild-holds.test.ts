import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { encodeRecords } from '../../events/record-codec.ts';
import { buckets, streams, subjects } from '../../events/subjects.ts';
import { publishConfig, type ControlPosition } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import { createLogPublisher } from '../../infra/bus/log-publisher.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { ensureStreams, streamInfo } from '../../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { createLogger } from '../../infra/log.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { Alarms } from '../alarms.ts';
import { readItems } from '../../test/stream-contents.ts';
import { runPartition } from '../worker/partition-run.ts';
import { contextOn, unsaved } from '../worker/partition-under-test.ts';
import { batches } from '../worker/sample-batches.ts';
import { PositionBook, workerReader } from './position-book.ts';
import { rebuildHolds } from './rebuild-holds.ts';
import { startTrimmer } from './trimmer.ts';

let nats: NatsUnderTest;
let bus: Bus;
const log = createLogger('test', 'silent');
const none = new AbortController().signal;

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const configOf = (size: string) =>
  processingConfig(configSchema.parse({ windows: [{ name: 'mean', size, lateness: '0s' }] }));

/** A worker's run until the log's end. @returns the position of its last checkpoint. */
async function runToEnd(saves: boolean): Promise<number> {
  const last = (await lastMessage(bus, streams.log, subjects.log(0)))!.sequence;
  const stop = new AbortController();
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const context = await contextOn(bus);
  let saved = 0;
  const run = runPartition(
    {
      ...context,
      ...(!saves && { checkpoints: await unsaved(bus) }),
      onSaved: (position) => (saved = position),
      onMessage: ({ sequence }) => void (sequence === last && resolve()),
    },
    stop.signal,
  );
  await done;
  stop.abort();
  await run;
  return saved;
}

/** Trims as much as it may, again and again, until the log begins there. */
async function trimUntil(book: PositionBook, firstSequence: number): Promise<void> {
  const stop = new AbortController();
  let rounds = 0;
  const trimmer = startTrimmer(
    {
      bus,
      log,
      alarms: new Alarms(bus, log),
      keepBytes: 0,
      keepAgeMs: 3_600_000,
      bounds: {},
      everyMs: 10,
      positions: () => [book.at(workerReader(0))],
      holds: () => (rounds++, rebuildHolds(bus, 1, book, false, stop.signal)),
    },
    stop.signal,
  );
  await vi.waitFor(async () => {
    expect((await streamInfo(bus, streams.log)).firstSequence).toBe(firstSequence);
    expect(rounds).toBeGreaterThan(3);
  }, 10_000);
  stop.abort();
  await trimmer.done;
}

it('the log is kept from where a rebuild begins until a checkpoint behind it is saved', async () => {
  await publishConfig(bus, 1, configOf('2s'));
  const publisher = createLogPublisher(bus, { producer: 'ingest-1' });
  const startUs = Math.floor(Date.now() / 1000) * 1e6 - 600e6;
  for (const [i, records] of batches(startUs, 200).entries()) await publisher.publish(0, encodeRecords(records), i + 1);
  const before = await runToEnd(true);
  const book = new PositionBook(() => true, []);
  const report = (position: number) =>
    book.take([{ reader: workerReader(0), stream: streams.log, subject: subjects.log(0), position }]);
  report(before);
  expect(await rebuildHolds(bus, 1, book, false, none)).toEqual([]);

  await publishConfig(bus, 1, configOf('3s'), { kind: 'rebuild', from: 50 });
  const control = (await lastMessage(bus, streams.log, subjects.log(0)))!.sequence;
  expect(await rebuildHolds(bus, 1, book, false, none)).toEqual([50]);
  // The fleet's worker rebuilds at the same record, once it has come there.
  const fleetAt = (position: number) =>
    book.take([{ reader: workerReader('fleet'), stream: streams.log, subject: 'log.>', position }]);
  expect(await rebuildHolds(bus, 1, book, true, none)).toEqual([50, 50]);
  fleetAt(control - 1);
  expect(await rebuildHolds(bus, 1, book, true, none)).toEqual([50, 50]);
  fleetAt(control);
  expect(await rebuildHolds(bus, 1, book, true, none)).toEqual([50]);
  // Its record is in the log, and who put it there died before it said so.
  const bucket = await openBucket(bus, buckets.config);
  const controls = await bucket.get('controls.0');
  const positions = JSON.parse(Buffer.from(controls!.value).toString()) as ControlPosition[];
  await bucket.put('controls.0', JSON.stringify(positions.slice(0, -1)));
  expect(await rebuildHolds(bus, 1, book, false, none)).toEqual([50]);
  await bucket.put('controls.0', JSON.stringify(positions));

  // It publishes what it has rebuilt, and is gone before its checkpoint; then the log is trimmed.
  const given = await readItems(bus, streams.windows, subjects.windows(0));
  await runToEnd(false);
  const results = await readItems(bus, streams.windows, subjects.windows(0));
  expect(results.length).toBeGreaterThan(given.length);
  await trimUntil(book, 50);
  const after = await runToEnd(true);
  expect(after).toBe(control);
  expect(await readItems(bus, streams.windows, subjects.windows(0))).toEqual(results);

  report(after);
  await trimUntil(book, control);
  publisher.close();
});
