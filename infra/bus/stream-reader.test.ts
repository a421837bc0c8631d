import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { connectBus, type Bus } from './connection.ts';
import { untilAnswered } from './retry.ts';
import { readStream, type ReadOptions } from './stream-reader.ts';
import { ensureStreams, purgeBefore } from './streams.ts';

let nats: NatsUnderTest;
let bus: Bus;

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

/** Publishes to DELIVERIES, whose subjects are free to choose. */
const publish = async (subject: string, text: string) =>
  (await untilAnswered(bus, subject, () => bus.jetstream.publish(`deliveries.${subject}`, text))).seq;

const textOf = (data: Uint8Array) => Buffer.from(data).toString();

/** Reads in the background into `read` until stopped. */
function follow(subject: string, after = 0, gaps: [number, number][] = []) {
  const stop = new AbortController();
  const read: string[] = [];
  const options: ReadOptions = {
    stream: 'DELIVERIES',
    subject: `deliveries.${subject}`,
    after,
    signal: stop.signal,
    onGap: (from, to) => gaps.push([from, to]),
  };
  const done = (async () => {
    for await (const message of readStream(bus, options)) read.push(textOf(message.data));
  })();
  return {
    read,
    gaps,
    until: (count: number) => vi.waitFor(() => expect(read).toHaveLength(count), { timeout: 25_000 }),
    async stop() {
      stop.abort();
      await done;
    },
  };
}

it('reads its subject in order, in more messages than it holds, and what comes later', async () => {
  const expected: string[] = [];
  for (let i = 0; i < 700; i++) {
    expected.push(`m${i}`);
    void publish('other', 'not mine');
    await publish('order', `m${i}`);
  }
  const reader = follow('order');
  await reader.until(700);
  await publish('order', 'later');
  await reader.until(701);
  await reader.stop();
  expect(reader.read).toEqual([...expected, 'later']);
});

it('passes messages larger than a prefetch', async () => {
  const large = 'x'.repeat(900_000);
  for (let i = 0; i < 6; i++) await publish('large', large);
  const reader = follow('large');
  await reader.until(6);
  await reader.stop();
});

it('starts after a position', async () => {
  await publish('after', 'a');
  const second = await publish('after', 'b');
  await publish('after', 'c');
  const reader = follow('after', second);
  await reader.until(1);
  await reader.stop();
  expect(reader.read).toEqual(['c']);
});

it('goes on after the server was killed, and after it was frozen', async () => {
  await publish('hurt', 'before');
  const reader = follow('hurt');
  await reader.until(1);
  await nats.restart();
  await bus.whenConnected();
  await publish('hurt', 'after kill');
  await reader.until(2);
  nats.pause();
  await vi.waitFor(() => expect(bus.connected).toBe(false), { timeout: 20_000 });
  nats.resume();
  await bus.whenConnected();
  await publish('hurt', 'after freeze');
  await reader.until(3);
  await reader.stop();
  expect(reader.read).toEqual(['before', 'after kill', 'after freeze']);
  expect(reader.gaps).toEqual([]);
});

it('goes on when its consumer is gone without a word', async () => {
  await publish('silent', 'one');
  const reader = follow('silent');
  await reader.until(1);
  for (const { name } of await bus.manager.consumers.list('DELIVERIES').next())
    await bus.manager.consumers.delete('DELIVERIES', name);
  await publish('silent', 'two');
  await reader.until(2);
  await reader.stop();
  expect(reader.read).toEqual(['one', 'two']);
});

it('reports what was trimmed before it was read, and reads on after it', async () => {
  const first = await publish('gap', 'a');
  await publish('gap', 'b');
  const third = await publish('gap', 'c');
  await purgeBefore(bus, 'DELIVERIES', third);
  const reader = follow('gap', first);
  await reader.until(1);
  await reader.stop();
  expect(reader.read).toEqual(['c']);
  expect(reader.gaps).toEqual([[first + 1, third - 1]]);
});

it('refuses a position beyond the end of the stream', async () => {
  const last = await publish('beyond', 'a');
  const signal = new AbortController().signal;
  const options = {
    stream: 'DELIVERIES',
    subject: 'deliveries.beyond',
    after: last + 10,
    signal,
    onGap: vi.fn<ReadOptions['onGap']>(),
  };
  await expect(readStream(bus, options).next()).rejects.toMatchObject({ code: 'LOG_GAP' });
});
