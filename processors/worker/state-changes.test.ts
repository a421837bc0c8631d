import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeRecords } from '../../events/record-codec.ts';
import type { LogRecord } from '../../events/record.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createLogPublisher } from '../../infra/bus/log-publisher.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { ensureStreams, purgeBefore, streamInfo } from '../../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { readItems } from '../../test/stream-contents.ts';
import { keepIsDue, keptBefore, keptName, sweepKept } from './kept-checkpoints.ts';
import { runPartition, type PartitionContext } from './partition-run.ts';
import { contextOn } from './partition-under-test.ts';
import { batches } from './sample-batches.ts';

const partition = 0;
const startUs = Math.floor(Date.now() / 1000) * 1e6 - 600e6;
let nats: NatsUnderTest;
let bus: Bus;

const config = (above: number, size = '2s') =>
  processingConfig(
    configSchema.parse({
      windows: [{ name: 'w', size, lateness: '1s' }],
      rules: [
        { name: 'hot', field: 'temperature', above, stale: '1h' },
        { name: 'mean', window: 'w', field: 'temperature', aggregate: 'mean', above: 50 },
      ],
    }),
  );

beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
  await publishConfig(bus, 1, config(60));
});
afterEach(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

async function append(all: readonly LogRecord[][], producer: string): Promise<void> {
  const publisher = createLogPublisher(bus, { producer });
  for (const [index, records] of all.entries()) await publisher.publish(partition, encodeRecords(records), index + 1);
  publisher.close();
}

const end = async () => (await lastMessage(bus, streams.log, subjects.log(partition)))!.sequence;

/** Runs a worker up to a message; then it stops, or dies with what waits unwritten and no last checkpoint. */
async function runTo(sequence: number, how: 'stop' | 'die', more: Partial<PartitionContext> = {}): Promise<void> {
  const own = await connectBus(nats.busOptions('worker'));
  const stop = new AbortController();
  const context: PartitionContext = {
    ...(await contextOn(own)),
    checkpointEveryMs: 5,
    onMessage: (message) => {
      if (message.sequence < sequence) return;
      if (how === 'die') void own.connection.close();
      stop.abort();
    },
    onSaved: (position) => {
      if (position >= sequence) stop.abort();
    },
    ...more,
  };
  const run = runPartition(context, stop.signal);
  if (how === 'die') await run.catch(() => undefined);
  else await run;
  await own.close();
}

const outputs = async () => ({
  windows: await readItems(bus, streams.windows, subjects.windows(partition)),
  alerts: await readItems(bus, streams.alerts, subjects.alerts(partition)),
});

async function forgetOutputs(): Promise<void> {
  for (const stream of [streams.windows, streams.alerts]) await bus.manager.streams.purge(stream);
  for (const name of await (await createCheckpoints(bus)).names()) await (await createCheckpoints(bus)).remove(name);
}

it.each(['keep', 'rebuild'] as const)('%s gives the same, wherever a worker dies', async (kind) => {
  await append(batches(startUs, 60), 'first');
  const next = kind === 'keep' ? config(40) : config(40, '1s');
  await publishConfig(bus, 1, next, kind === 'keep' ? { kind } : { kind, from: 10 });
  const control = await end();
  await append(batches(startUs, 100).slice(60), 'second');
  const last = await end();

  await runTo(last, 'stop');
  const expected = await outputs();
  expect(expected.alerts.length).toBeGreaterThan(5);
  const atControl = (expected.windows as { origin: { sequence: number } }[]).filter(
    ({ origin }) => origin.sequence > 10 && origin.sequence < control,
  );
  expect(atControl.length).toBeGreaterThan(0);

  await forgetOutputs();
  for (const at of [5, control - 1, control, control + 1, last - 3]) await runTo(at, 'die');
  await runTo(last, 'stop');
  expect(await outputs()).toEqual(expected);
});

it('a gap makes the alerts unknown once, whatever comes after it, and stays in the checkpoint', async () => {
  await append(batches(startUs, 40), 'ingest');
  await runTo(20, 'stop');
  const before = (await outputs()).alerts.length;
  await purgeBefore(bus, streams.log, 31);
  const last = await end();
  for (const at of [31, 33]) await runTo(at, 'die');
  let gaps: readonly object[] = [];
  await runTo(last, 'stop');
  await append(batches(startUs, 42).slice(41), 'later');
  await runTo(await end(), 'stop', { onRestored: (_nowUs, pipeline) => (gaps = pipeline.gaps()) });
  const after = (await outputs()).alerts.slice(before) as {
    to: string;
    value: number | null;
    origin: { sequence: number };
  }[];
  const unknown = after.filter(({ to, value }) => to === 'unknown' && value === null);
  expect(unknown.length).toBeGreaterThan(0);
  expect(new Set(unknown.map(({ origin }) => origin.sequence))).toEqual(new Set([31]));
  expect(gaps).toMatchObject([{ partition: 0, cause: 'removed', to: 30 }]);
});

it('keeps a checkpoint of each hour for as long as the log reaches it, and the latest', async () => {
  expect([keepIsDue(7_200e6, 0), keepIsDue(7_199e6, 3_600e6), keepIsDue(7_200e6, 7_199e6)]).toEqual([
    true,
    false,
    true,
  ]);
  await append(batches(startUs, 30), 'ingest');
  await runTo(await end(), 'stop');
  const checkpoints = await createCheckpoints(bus);
  const [name] = (await checkpoints.names()).filter((one) => one.includes('.at.'));
  expect(name).toMatch(/^worker\.0\.at\.\d+$/);
  const position = Number(name!.split('.').at(-1));
  expect(keptName(0, position)).toBe(name);
  expect(await keptBefore(checkpoints, 0, position)).toBeNull();
  expect(await keptBefore(checkpoints, 0, position + 1)).toMatchObject({ position });
  expect(await keptBefore(checkpoints, 0, 'checkpoint')).toMatchObject({ position });

  await checkpoints.sweep(0);
  expect(await sweepKept(checkpoints, (await streamInfo(bus, streams.log)).firstSequence)).toBe(0);
  // The latest stays, also when there are messages missing behind it.
  expect(await sweepKept(checkpoints, position + 2)).toBe(0);
  await checkpoints.keep(keptName(0, position + 1), Buffer.from('later'));
  expect(await sweepKept(checkpoints, position + 2)).toBe(1);
  expect(await keptBefore(checkpoints, 0, 'checkpoint')).toMatchObject({ position: position + 1 });
  expect(await checkpoints.load('worker.0')).not.toBeNull();
});
