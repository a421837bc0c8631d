import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkpointObjects } from '../../events/subjects.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { openCheckpointObjects } from './checkpoint-objects.ts';
import { createCheckpoints } from './checkpoints.ts';
import { connectBus, type Bus } from './connection.ts';
import { openBucket } from './kv.ts';
import { ensureStreams, streamInfo } from './streams.ts';

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

/** `length` bytes that do not compress and differ by `seed`. */
function bytesOf(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) >>> 16);
}

it.each([
  ['small', 10],
  ['at the edge', 512 * 1024 - 1],
  ['just larger than a value', 512 * 1024],
  ['large', 5_000_000],
])('keeps a %s one', async (name, length) => {
  const key = name.replaceAll(' ', '-');
  const bytes = bytesOf(length, 7);
  await (await createCheckpoints(bus)).save(key, bytes);
  const loaded = await (await createCheckpoints(bus)).load(key);
  expect(Buffer.from(loaded!).equals(bytes)).toBe(true);
});

it('has none under a new name', async () => {
  expect(await (await createCheckpoints(bus)).load('nothing')).toBeNull();
});

it('replaces large by large and by small, and leaves nothing behind', async () => {
  const objects = await openCheckpointObjects(bus, checkpointObjects);
  const before = await objects.list();
  const messagesBefore = (await streamInfo(bus, 'OBJ_checkpoints')).messages;
  const checkpoints = await createCheckpoints(bus);
  for (let i = 0; i < 4; i++) await checkpoints.save('shrinks', bytesOf(700_000, i));
  expect(await checkpoints.load('shrinks')).toHaveLength(700_000);
  await checkpoints.save('shrinks', bytesOf(20, 1));
  expect(await checkpoints.load('shrinks')).toHaveLength(20);
  expect(await objects.list()).toEqual(before);
  expect((await streamInfo(bus, 'OBJ_checkpoints')).messages).toBe(messagesBefore);
});

it.each([20, 700_000])('refuses a save of %d bytes by one who did not see the last', async (length) => {
  const name = `fenced-${length}`;
  const first = await createCheckpoints(bus);
  await first.save(name, bytesOf(length, 1));
  const second = await createCheckpoints(bus);
  await second.load(name);
  await second.save(name, bytesOf(length, 2));
  await expect(first.save(name, bytesOf(length, 3))).rejects.toMatchObject({ code: 'FENCED' });
  const loaded = await second.load(name);
  expect(Buffer.from(loaded!).equals(bytesOf(length, 2))).toBe(true);
});

it('sweeps objects that nothing points to, and no other', async () => {
  const checkpoints = await createCheckpoints(bus);
  await checkpoints.save('kept', bytesOf(700_000, 5));
  const objects = await openCheckpointObjects(bus, checkpointObjects);
  await objects.put('orphan.1', bytesOf(600_000, 6));
  expect(await checkpoints.sweep()).toBe(0);
  expect(await checkpoints.sweep(-60_000)).toBeGreaterThanOrEqual(1);
  expect((await objects.list()).map(({ name }) => name)).not.toContain('orphan.1');
  expect(await checkpoints.load('kept')).toHaveLength(700_000);
});

it('sweeps what a put that was killed has left, and no other', async () => {
  const checkpoints = await createCheckpoints(bus);
  await checkpoints.save('whole', bytesOf(700_000, 5));
  const { messages } = await streamInfo(bus, 'OBJ_checkpoints');
  for (let i = 0; i < 3; i++) await bus.jetstream.publish('$O.checkpoints.C.killed', bytesOf(1_000, i));
  expect(await checkpoints.sweep()).toBe(0);
  expect(await checkpoints.sweep(-60_000)).toBe(1);
  expect((await streamInfo(bus, 'OBJ_checkpoints')).messages).toBe(messages);
  expect(await checkpoints.load('whole')).toHaveLength(700_000);
});

it('says when a checkpoint is unreadable', async () => {
  const bucket = await openBucket(bus, 'checkpoints');
  const checkpoints = await createCheckpoints(bus);
  await bucket.put('odd', Uint8Array.of(9, 9));
  await expect(checkpoints.load('odd')).rejects.toMatchObject({ code: 'CHECKPOINT_UNREADABLE' });
  await bucket.put('lost', Uint8Array.of(1, 65));
  await expect(checkpoints.load('lost')).rejects.toMatchObject({ code: 'CHECKPOINT_UNREADABLE' });
});
