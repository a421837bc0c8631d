import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { encodeRecords } from '../../events/record-codec.ts';
import { logHeaders, subjects } from '../../events/subjects.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { connectBus, type Bus } from './connection.ts';
import { createLogPublisher, type LogState } from './log-publisher.ts';
import type { StreamMessage } from './stream-message.ts';
import { readStream } from './stream-reader.ts';
import { ensureStreams, streamInfo } from './streams.ts';

let nats: NatsUnderTest;
let bus: Bus;

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 2, maxBytes: 8 * 2 ** 20, replicas: 1 });
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const batch = (text: string) => encodeRecords([{ kind: 'tick', instance: text, atUs: 1 }]);
const ignoreGap = () => {};

/** Reads a partition from the start until it has `count` messages. */
async function readLog(partition: number, count: number): Promise<StreamMessage[]> {
  const messages: StreamMessage[] = [];
  const signal = new AbortController().signal;
  const options = { stream: 'LOG', subject: subjects.log(partition), after: 0, signal, onGap: ignoreGap };
  for await (const message of readStream(bus, options)) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages;
}

it('refuses to open the log with another number of partitions', async () => {
  await expect(ensureStreams(bus, { partitions: 3, maxBytes: 8 * 2 ** 20, replicas: 1 })).rejects.toMatchObject({
    code: 'PARTITIONS_FIXED',
  });
  await ensureStreams(bus, { partitions: 2, maxBytes: 8 * 2 ** 20, replicas: 1 });
});

it('stores every batch once and in order while the server is killed, restarted and frozen', async () => {
  const publisher = createLogPublisher(bus, { producer: 'p1' });
  const count = 400;
  const hurt = new Map<number, () => Promise<void>>([
    [50, () => nats.restart()],
    [
      150,
      async () => {
        await nats.kill();
        await vi.waitFor(() => expect(publisher.state).toBe('unreachable'), { timeout: 10_000 });
        await nats.restart();
      },
    ],
    [
      250,
      async () => {
        nats.pause();
        await vi.waitFor(() => expect(publisher.state).toBe('unreachable'), { timeout: 20_000 });
        nats.resume();
      },
    ],
  ]);
  const blows: Promise<void>[] = [];
  for (let sequence = 1; sequence <= count; sequence++) {
    const blow = hurt.get(sequence);
    if (blow) blows.push(blow());
    await publisher.publish(0, batch(`b${sequence}`), sequence);
  }
  await Promise.all(blows);
  expect(publisher.state).toBe('ok');
  publisher.close();

  const messages = await readLog(0, count);
  expect(messages.map((message) => Number(message.header(logHeaders.producerSequence)))).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
  expect(messages.every((message) => message.header(logHeaders.producer) === 'p1')).toBe(true);
  expect((await streamInfo(bus, 'LOG')).messages).toBe(count);
});

it('says that the log is full, waits, and goes on when there is room', async () => {
  const publisher = createLogPublisher(bus, { producer: 'p2' });
  const states: LogState[] = [];
  publisher.onState((state) => states.push(state));
  const large = encodeRecords([
    {
      kind: 'publish',
      client: 'c',
      connection: 'c',
      packetId: 1,
      topic: 't',
      payload: new Uint8Array(500_000),
      qos: 1,
      retain: false,
      dup: false,
      receivedAtUs: 1,
    },
  ]);
  let stored = 0;
  const all = (async () => {
    for (let sequence = 1; sequence <= 24; sequence++) {
      await publisher.publish(1, large, sequence);
      stored = sequence;
    }
  })();
  await vi.waitFor(() => expect(publisher.state).toBe('full'), { timeout: 20_000 });
  expect(stored).toBeLessThan(24);
  await bus.manager.streams.purge('LOG', { filter: subjects.log(1) });
  await all;
  expect(states).toEqual(['full', 'ok']);
  publisher.close();
});

it('ends with the signal while the server is away', async () => {
  const publisher = createLogPublisher(bus, { producer: 'p3' });
  await nats.kill();
  const reason = new Error('enough');
  const stop = new AbortController();
  const publish = publisher.publish(0, batch('x'), 1, stop.signal);
  await vi.waitFor(() => expect(publisher.state).toBe('unreachable'), { timeout: 10_000 });
  stop.abort(reason);
  await expect(publish).rejects.toBe(reason);
  await nats.restart();
  await bus.whenConnected();
  await publisher.publish(0, batch('x'), 1);
  expect(publisher.state).toBe('ok');
  publisher.close();
});
