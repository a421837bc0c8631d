import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { streams, subjects } from '../../events/subjects.ts';
import { appendMessage } from '../../infra/bus/append.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { firstSince } from '../../infra/bus/first-since.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { ensureStreams, streamInfo, subjectCounts } from '../../infra/bus/streams.ts';
import { createLogger } from '../../infra/log.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { Alarms } from '../alarms.ts';
import { startTrimmer, type TrimmerOptions } from './trimmer.ts';

let nats: NatsUnderTest;
let bus: Bus;
const log = createLogger('test', 'silent');

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 2, maxBytes: 64 * 2 ** 20, replicas: 1 });
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const kilobyte = 'x'.repeat(1_000);
const append = async (stream: string, subject: string, count: number) => {
  for (let i = 0; i < count; i++) await appendMessage(bus, stream, subject, kilobyte);
};

/** Runs a trimmer until the condition holds. */
async function trimUntil(options: Partial<TrimmerOptions>, condition: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const trimmer = startTrimmer(
    {
      bus,
      log,
      alarms: new Alarms(bus, log),
      keepBytes: 2 ** 40,
      keepAgeMs: 3_600_000,
      positions: () => [],
      bounds: {},
      everyMs: 20,
      ...options,
    },
    stop.signal,
  );
  await vi.waitFor(condition, { timeout: 10_000, interval: 50 });
  stop.abort();
  await trimmer.done;
}

it('keeps the log to its bound, up to what every reader has saved', async () => {
  await append(streams.log, subjects.log(0), 50);
  await append(streams.log, subjects.log(1), 50);
  let slowest = 30;
  const options = { keepBytes: 20_000, positions: () => [slowest, 100] };
  await trimUntil(options, async () => expect((await streamInfo(bus, 'LOG')).firstSequence).toBe(30));
  slowest = 100;
  await trimUntil(options, async () => {
    const { bytes, firstSequence, lastSequence } = await streamInfo(bus, 'LOG');
    expect(bytes).toBeLessThanOrEqual(20_000);
    expect(firstSequence).toBeLessThan(lastSequence);
  });
});

it('a partition that rests does not hold the log', async () => {
  await append(streams.log, subjects.log(1), 1);
  await append(streams.log, subjects.log(0), 60);
  const ends = new Map<string | null, number>();
  for (const subject of [subjects.log(0), subjects.log(1)])
    ends.set(subject, (await lastMessage(bus, streams.log, subject))!.sequence);
  const positions = (_: string, subject: string | null) =>
    subject === null ? [...ends.values()] : [ends.get(subject)!];
  await trimUntil({ keepBytes: 20_000, positions }, async () => {
    const { bytes, firstSequence } = await streamInfo(bus, 'LOG');
    expect(bytes).toBeLessThanOrEqual(25_000);
    // Its last message stays: its reader sees that nothing was taken from it.
    expect(firstSequence).toBeLessThanOrEqual(ends.get(subjects.log(1))!);
  });
});

it('trims the log by age', async () => {
  await append(streams.log, subjects.log(0), 10);
  const { lastSequence } = await streamInfo(bus, 'LOG');
  const options = { keepAgeMs: 0, positions: () => [lastSequence] };
  await trimUntil(options, async () => {
    const { firstSequence, messages } = await streamInfo(bus, 'LOG');
    expect([firstSequence, messages]).toEqual([lastSequence, 1]);
  });
});

it('finds the first message since a time', async () => {
  await append(streams.log, subjects.log(0), 20);
  const extent = await streamInfo(bus, 'LOG');
  const { timeUs, sequence } = (await lastMessage(bus, 'LOG', subjects.log(0)))!;
  expect(await firstSince(bus, 'LOG', extent, timeUs)).toBe(sequence);
  expect(await firstSince(bus, 'LOG', extent, timeUs + 1)).toBe(sequence + 1);
  expect(await firstSince(bus, 'LOG', extent, 0)).toBe(extent.firstSequence);
});

it('keeps of a derived stream the newest, the last message of every subject, and what a reader needs', async () => {
  await append(streams.windows, subjects.windows(0), 1);
  await append(streams.windows, subjects.windows(1), 40);
  await append(streams.windows, subjects.windows(2), 40);
  const positions = (_: string, subject: string | null) => (subject === subjects.windows(1) ? [11] : [1_000]);
  await trimUntil({ bounds: { [streams.windows]: 5_000 }, positions }, async () => {
    expect(Object.fromEntries(await subjectCounts(bus, streams.windows))).toEqual({
      'windows.0': 1,
      'windows.1': 31,
      'windows.2': 4,
    });
  });
});
