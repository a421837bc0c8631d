import fc from 'fast-check';
import { headers, type MsgHdrs } from 'nats';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveBatch } from '../../events/live.ts';
import { encodeRecords } from '../../events/record-codec.ts';
import type { LogRecord } from '../../events/record.ts';
import { logHeaders, streams, subjects } from '../../events/subjects.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { requestCore, subscribeCore } from '../../infra/bus/core.ts';
import { createLogPublisher } from '../../infra/bus/log-publisher.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { ensureStreams, purgeBefore } from '../../infra/bus/streams.ts';
import { configSchema, processingConfig, type ProcessingConfig } from '../../infra/config/schema.ts';
import { createLogger } from '../../infra/log.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { readAll, readItems } from '../../test/stream-contents.ts';
import { Alarms } from '../alarms.ts';
import { LiveFeed } from '../live/live-feed.ts';
import { createPipeline } from '../pipeline.ts';
import type { Step } from '../step.ts';
import { readBatch } from './log-batch.ts';
import { runPartition, type PartitionContext } from './partition-run.ts';
import { contextOn, unsaved } from './partition-under-test.ts';
import { Producers } from './producers.ts';
import { batches } from './sample-batches.ts';
import { Synchronous } from './synchronous.ts';
import { startWorker } from './worker.ts';

const log = createLogger('test', 'silent');
const config: ProcessingConfig = processingConfig(
  configSchema.parse({
    windows: [{ name: 'second', size: '1s', lateness: '200ms' }],
    rules: [
      { name: 'hot', field: 'temperature', above: 60, clear: 50 },
      { name: 'hot-second', window: 'second', field: 'temperature', aggregate: 'mean', above: 55 },
    ],
  }),
);
const partition = 0;

let nats: NatsUnderTest;
let bus: Bus;
let startUs: number;

// A log of its own for each test: they count its messages.
beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
  await publishConfig(bus, 1, config);
  startUs = Math.floor(Date.now() / 1000) * 1e6 - 600e6;
});
afterEach(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

async function append(all: readonly LogRecord[][], producer = 'ingest-1'): Promise<void> {
  const publisher = createLogPublisher(bus, { producer });
  for (const [index, records] of all.entries()) await publisher.publish(partition, encodeRecords(records), index + 1);
  publisher.close();
}

function headersOf(producerSequence: number): MsgHdrs {
  const values = headers();
  values.append(logHeaders.format, '1');
  values.append(logHeaders.producer, 'p');
  values.append(logHeaders.producerSequence, String(producerSequence));
  return values;
}

/** The pipeline over the log in memory: what an uninterrupted run gives. */
async function oracle(): Promise<Step[]> {
  const whole = createPipeline({ config, partition, partitions: 1, customs: [] });
  const pipeline = new Synchronous(whole.operator);
  let nowUs = 0;
  const producers = new Producers();
  return (await readAll(bus, streams.log, subjects.log(partition))).flatMap((message) => {
    const { records, repeated, missing } = readBatch(message, producers);
    const { sequence, timeUs } = message;
    const sinceUs = nowUs;
    nowUs = timeUs;
    if (repeated) return [];
    if (missing > 0) whole.gap({ cause: 'never-arrived', from: sequence, to: sequence, messages: missing, sinceUs });
    return [pipeline.push({ partition, sequence, nowUs, records })];
  });
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function expectOutputsOf(steps: readonly Step[]): Promise<void> {
  expect(await readItems(bus, streams.windows, subjects.windows(partition))).toEqual(
    plain(steps.flatMap((step) => step.windows)),
  );
  expect(await readItems(bus, streams.alerts, subjects.alerts(partition))).toEqual(
    plain(steps.flatMap((step) => step.transitions)),
  );
  expect(await readItems(bus, streams.quarantine, subjects.quarantine(partition))).toEqual(
    plain(steps.flatMap((step) => step.quarantined)),
  );
}

/** Runs a worker over a connection of its own until it has taken `messages` messages; then it stops, or dies. */
async function runUntil(
  end: 'stop' | 'die',
  messages: number | 'all',
  more: Partial<PartitionContext> = {},
): Promise<void> {
  const own = await connectBus(nats.busOptions('worker'));
  const last = (await lastMessage(bus, streams.log, subjects.log(partition)))!.sequence;
  const stop = new AbortController();
  let taken = 0;
  const context: PartitionContext = {
    ...(await contextOn(own)),
    checkpointEveryMs: 5,
    onMessage: ({ sequence }) => {
      taken++;
      if (sequence < last && taken !== messages) return;
      // Dead at once: what waits to be stored stays unstored, and there is no last checkpoint.
      if (end === 'die') void own.connection.close();
      stop.abort();
    },
    // Restored at the end of the log: there is nothing to take.
    onSaved: (position) => {
      if (position >= last) stop.abort();
    },
    ...more,
  };
  const run = runPartition(context, stop.signal);
  if (end === 'die') await run.catch(() => undefined);
  else await run;
  await own.close();
}

describe('a worker', () => {
  it('stores what an uninterrupted run gives, and begins again where it stopped', async () => {
    await append(batches(startUs, 200));
    const steps = await oracle();
    expect(steps.flatMap((step) => step.windows).length).toBeGreaterThan(30);
    expect(steps.flatMap((step) => step.transitions).length).toBeGreaterThan(10);
    expect(steps.flatMap((step) => step.quarantined).length).toBeGreaterThan(5);
    await runUntil('stop', 70);
    await runUntil('stop', 'all');
    await expectOutputsOf(steps);
  });

  it('gives each output once, however often and wherever it dies', async () => {
    await append(batches(startUs, 300));
    const steps = await oracle();
    const random = fc.sample(fc.integer({ min: 1, max: 120 }), { numRuns: 8, seed: 4_711 });
    for (const messages of random) await runUntil('die', messages);
    await runUntil('stop', 'all');
    await expectOutputsOf(steps);
  });

  it('gives the same without any checkpoint, from the log alone', async () => {
    await append(batches(startUs, 120));
    const steps = await oracle();
    for (const messages of [1, 60, 110]) await runUntil('die', messages, { checkpointEveryMs: 3_600_000 });
    await runUntil('stop', 'all');
    await expectOutputsOf(steps);
  });

  it('drops batches that a producer stored twice, and reports those that are missing', async () => {
    const [first, second, third] = batches(startUs, 3) as [LogRecord[], LogRecord[], LogRecord[]];
    for (const [sequence, records, id] of [
      [1, first, 'x'],
      [2, second, 'y'],
      // Forgotten by JetStream's own window: another message id.
      [2, second, 'y again'],
      [5, third, 'z'],
    ] as const)
      await bus.jetstream.publish(subjects.log(partition), encodeRecords(records), {
        msgID: id,
        headers: headersOf(sequence),
      });
    const alarms = new Alarms(bus, log);
    await runUntil('stop', 'all', { alarms });
    const steps = await oracle();
    expect(steps).toHaveLength(4);
    await expectOutputsOf(steps);
    expect(alarms.list().map(({ message }) => message)).toEqual([
      expect.stringMatching(/^2 batches of p never reached partition 0/),
    ]);
  });

  it('raises an alarm for messages that were removed unread, and goes on after them', async () => {
    await append(batches(startUs, 40));
    await runUntil('stop', 20);
    await purgeBefore(bus, streams.log, 31);
    const alarms = new Alarms(bus, log);
    let last = 0;
    await runUntil('stop', 'all', { alarms, onSaved: (position) => (last = position) });
    expect(last).toBe(41);
    expect(alarms.list().map(({ message }) => message)).toEqual([
      expect.stringMatching(/log messages \d+ to 30 were removed before they were read/),
      expect.stringMatching(/batches of ingest-1 never reached partition 0 \(before sequence 31\)/),
    ]);
  });

  it('takes up a configuration at the position of its control record', async () => {
    await append(batches(startUs, 100));
    const stricter = { ...config, rules: config.rules.map((rule) => ({ ...rule, above: 30, clear: 20 })) };
    expect(await publishConfig(bus, 1, stricter)).toBe(2);
    expect(await publishConfig(bus, 1, stricter)).toBe(2);
    await append(batches(startUs, 200).slice(100), 'ingest-2');
    await runUntil('die', 150);
    await runUntil('stop', 'all');
    const transitions = (await readItems(bus, streams.alerts, subjects.alerts(partition))) as {
      threshold: number;
      origin: { sequence: number };
    }[];
    const control = (await readAll(bus, streams.log, subjects.log(partition))).find(
      (message) => message.header(logHeaders.producer) === 'config-2',
    )!;
    const before = transitions.filter(({ origin }) => origin.sequence < control.sequence);
    const after = transitions.filter(({ origin }) => origin.sequence > control.sequence);
    expect(new Set(before.map(({ threshold }) => threshold))).toEqual(new Set([60, 55]));
    expect(new Set(after.map(({ threshold }) => threshold))).toEqual(new Set([30]));
  });

  it('stops when another worker writes to its subjects, and nothing is there twice', async () => {
    await append(batches(startUs, 40));
    await runUntil('stop', 39);
    await runUntil('stop', 'all', { checkpointEveryMs: 3_600_000, checkpoints: await unsaved(bus) });
    const buses = await Promise.all(['one', 'two'].map((name) => connectBus(nats.busOptions(name))));
    const stop = new AbortController();
    const taken = [0, 0];
    const runs = buses.map(async (own, index) => {
      const onMessage = () => void taken[index]!++;
      await runPartition({ ...(await contextOn(own)), onMessage, checkpointEveryMs: 3_600_000 }, stop.signal);
    });
    const first = Promise.race(runs).catch((error: unknown) => error);
    await vi.waitFor(() => expect(taken).toEqual([2, 2]));
    await append(batches(startUs, 80).slice(40), 'ingest-2');
    expect(await first).toMatchObject({ code: 'FENCED' });
    stop.abort();
    await Promise.allSettled(runs);
    await Promise.all(buses.map((own) => own.close()));
    await runUntil('stop', 'all');
    await expectOutputsOf(await oracle());
  });

  it('stops at a message of another format, and says so', async () => {
    await append(batches(startUs, 2));
    const { seq } = await bus.jetstream.publish(subjects.log(partition), 'what is this');
    const stop = new AbortController();
    const alarms = new Alarms(bus, log);
    const worker = startWorker({ ...(await contextOn(bus)), alarms }, log, stop.signal);
    await worker.done;
    expect(worker.report().stopped).toMatch(`Message ${seq} of log.0 has format none`);
    expect(worker.report().received).toBe(6);
    expect(alarms.list()).toHaveLength(1);
  });
});

describe('the live feed', () => {
  it('shows readings, devices and new transitions, and answers questions about devices', async () => {
    await append(batches(startUs, 60));
    const batchesSeen: LiveBatch[] = [];
    const feed: string[] = [];
    subscribeCore(bus, subjects.live(partition), (data) => batchesSeen.push(JSON.parse(Buffer.from(data).toString())));
    subscribeCore(bus, 'feed.>', (_, subject) => feed.push(subject));
    const own = await connectBus(nats.busOptions('live'));
    using live = new LiveFeed(own, partition, log, () => null);
    await runUntil('stop', 'all', { live });
    const steps = await oracle();
    const transitions = plain(steps.flatMap((step) => step.transitions)) as unknown[];
    await vi.waitFor(() => expect(batchesSeen.flatMap((batch) => batch.transitions)).toEqual(transitions));
    await vi.waitFor(() => expect(feed).toHaveLength(transitions.length));
    expect(new Set(batchesSeen.flatMap((batch) => batch.devices.map(({ key }) => key)))).toEqual(
      new Set(['plant1/a', 'plant1/b', 'plant1/c']),
    );
    const latest = batchesSeen.flatMap((batch) => batch.items).findLast(({ key }) => key === 'plant1/b');
    expect(latest?.time).toBe(startUs + 59 * 100_000);

    const ask = async (query: object) =>
      JSON.parse(
        Buffer.from(await requestCore(bus, subjects.queryDevices(partition), JSON.stringify(query), 2_000)).toString(),
      );
    const page = await ask({ after: 'plant1/a' });
    expect(page.devices.map(({ key }: { key: string }) => key)).toEqual(['plant1/b', 'plant1/c']);
    expect(page).toMatchObject({ partition, sequence: steps.at(-1)!.sequence, next: null, ledger: null });
    const one = await ask({ key: 'plant1/a' });
    expect(one.ledger).toMatchObject({ received: 78, inFlight: 78, late: 0 });

    // A worker that goes over the same messages again does not feed their transitions again.
    const before = feed.length;
    const checkpoints = await unsaved(bus, () => Promise.resolve(null));
    await runUntil('stop', 'all', { live, checkpoints, checkpointEveryMs: 3_600_000 });
    await ask({});
    expect(feed).toHaveLength(before);
    await own.close();
  });
});
