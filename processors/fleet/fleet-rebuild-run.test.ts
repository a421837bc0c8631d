import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { encodeRecords } from '../../events/record-codec.ts';
import type { DerivedReading } from '../../events/reading.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { WindowResult } from '../../events/window.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createLogPublisher } from '../../infra/bus/log-publisher.ts';
import { ensureStreams, purgeBefore, streamInfo } from '../../infra/bus/streams.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { createLogger } from '../../infra/log.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { readItems } from '../../test/stream-contents.ts';
import { Alarms } from '../alarms.ts';
import { fleetReader } from '../replay/fleet-reader.ts';
import { everyLog } from '../trimmer/position-book.ts';
import { runFleet, type FleetContext } from './fleet-run.ts';

const partitions = 2;
const log = createLogger('test', 'silent');
/** So far behind the log's clock are the readings: too late for a join that waits 1 ms, and decided 1 s later by one of 10 s. */
const behindUs = 9e6;
const none = new AbortController().signal;

const configOf = (count: number, tolerance: string) =>
  processingConfig(
    configSchema.parse({
      windows: [{ name: 'all', kind: 'count', count, by: [] }],
      joins: [
        {
          name: 'delta',
          left: { field: 't', where: { device: 'd0' } },
          right: { field: 't', where: { device: 'd1' } },
          tolerance,
          lateness: '0s',
          expression: 'left - right',
        },
      ],
      rules: [{ name: 'many', window: 'all', field: 't', aggregate: 'sum', above: 0 }],
    }),
  );

let nats: NatsUnderTest;
let bus: Bus;

beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions, maxBytes: 64 * 2 ** 20, replicas: 1 });
  await publishConfig(bus, partitions, configOf(7, '1ms'));
});
afterEach(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

/** A reading of a device of each partition, so many times. */
async function append(producer: string, from: number, to: number): Promise<void> {
  const publisher = createLogPublisher(bus, { producer });
  for (let at = from; at < to; at++)
    for (let partition = 0; partition < partitions; partition++) {
      const receivedAtUs = Date.now() * 1e3 - behindUs + 3 * at + partition;
      const payload = Buffer.from(JSON.stringify({ time: receivedAtUs / 1e3, t: 1 + at }));
      const record = {
        kind: 'publish',
        client: 'c',
        connection: 'c1',
        packetId: 0,
        topic: `sensors/plant1/d${partition}`,
        payload,
        qos: 0,
        retain: false,
        dup: false,
        receivedAtUs,
      } as const;
      await publisher.publish(partition, encodeRecords([record]), 1 + at - from);
    }
  publisher.close();
}

const end = async () => (await streamInfo(bus, streams.log)).lastSequence;

/** Runs the fleet's worker up to a message; then it stops, or dies with what waits unwritten and no last checkpoint. */
async function runTo(sequence: number, how: 'stop' | 'die'): Promise<string[]> {
  const own = await connectBus(nats.busOptions('worker'));
  const stop = new AbortController();
  const happened: string[] = [];
  const alarms = new Alarms(own, log);
  alarms.happened = (code, text) => void happened.push(`${code} ${text}`);
  const context: FleetContext = {
    bus: own,
    partitions,
    checkpoints: await createCheckpoints(own),
    alarms,
    lease: { confirmed: () => Promise.resolve() },
    onPosition: (position) => {
      if (position < sequence) return;
      if (how === 'die') void own.connection.close();
      stop.abort();
    },
    onLeftOut: () => undefined,
    onVersion: () => undefined,
    onSaved: () => undefined,
  };
  const run = runFleet(context, stop.signal);
  if (how === 'die') await run.catch(() => undefined);
  else await run;
  await own.close();
  return happened;
}

const outputs = async () => ({
  windows: (await readItems(bus, streams.windows, subjects.windows('fleet'))) as WindowResult[],
  alerts: await readItems(bus, streams.alerts, subjects.alerts('fleet')),
  derived: (await readItems(bus, streams.derived, subjects.derived('fleet'))) as DerivedReading[],
});

async function forgetOutputs(): Promise<void> {
  for (const stream of [streams.windows, streams.alerts, streams.derived]) await bus.manager.streams.purge(stream);
  const checkpoints = await createCheckpoints(bus);
  for (const name of await checkpoints.names()) await checkpoints.remove(name);
}

it('a rebuild of what spans devices gives the same, wherever the worker dies, and in a replay', async () => {
  await append('first', 0, 40);
  const decidedAtMs = Date.now() + 1_100;
  let more = 40;
  const lasts = async () => {
    await append(`first-${more}`, more, ++more);
    expect(Date.now()).toBeGreaterThan(decidedAtMs);
  };
  await vi.waitFor(lasts, { interval: 100, timeout: 10_000 });
  const from = 11;
  await publishConfig(bus, partitions, configOf(4, '10s'), { kind: 'rebuild', from });
  const control = (await end()) - 1;
  await append('second', more, more + 30);
  const last = await end();

  await runTo(last, 'stop');
  const expected = await outputs();
  const rebuilt = expected.windows.filter(({ count, origin }) => count === 4 && origin.sequence < control);
  // Every fourth reading of the stretch, from its beginning on.
  expect(rebuilt.map(({ first }) => first)).toEqual(
    Array.from({ length: Math.floor((control - from) / 4) }, (_, i) => rebuilt[0]!.first! + 2 * i),
  );
  // With a tolerance of 1 ms nothing was joined.
  expect(expected.derived.length).toBeGreaterThan(30);
  expect(Math.min(...expected.derived.map(({ origin }) => origin.sequence))).toBeGreaterThanOrEqual(from);

  await forgetOutputs();
  for (const at of [5, control - 1, control, control + 1, last - 3]) await runTo(at, 'die');
  await runTo(last, 'stop');
  expect(await outputs()).toEqual(expected);

  const notes: string[] = [];
  const options = { bus, partitions, checkpoint: null, trial: null, signal: none };
  const reader = await fleetReader({ ...options, onNote: (text) => notes.push(text) });
  const range = { stream: streams.log, subject: everyLog, from: 1, until: last + 1, signal: none };
  const replayed: WindowResult[] = [];
  for await (const message of readRange(bus, { ...range, onGap: () => undefined }))
    replayed.push(...((await reader.take(message)).step?.windows ?? []));
  expect(replayed).toEqual(expected.windows);
  expect(notes).toEqual([]);
});

it('a stretch of which messages are gone is rebuilt from what is left, and that is said', async () => {
  await append('first', 0, 20);
  await runTo(await end(), 'stop');
  await publishConfig(bus, partitions, configOf(4, '1ms'), { kind: 'rebuild', from: 5 });
  await purgeBefore(bus, streams.log, 21);
  const happened = await runTo(await end(), 'stop');
  expect(happened).toEqual([
    expect.stringMatching(
      /^rebuild-gap The fleet: log messages 5 to 20 were removed before configuration 2 was rebuilt from 5/,
    ),
  ]);
  const { windows } = await outputs();
  const rebuilt = windows.filter(({ count }) => count === 4);
  expect(rebuilt.length).toBeGreaterThan(3);
  expect(Math.min(...rebuilt.map(({ origin }) => origin.sequence))).toBeGreaterThan(20);
});
