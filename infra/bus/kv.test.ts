import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { connectBus, type Bus } from './connection.ts';
import { openBucket, type Bucket, type Change } from './kv.ts';
import { ensureStreams } from './streams.ts';

let nats: NatsUnderTest;
let bus: Bus;
let bucket: Bucket;

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
  bucket = await openBucket(bus, 'webhooks');
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const text = (bytes: Uint8Array | null | undefined) => (bytes ? Buffer.from(bytes).toString() : null);

it('sets, creates and replaces by revision, deletes and lists', async () => {
  expect(await bucket.get('a')).toBeNull();
  const first = await bucket.create('a', 'one');
  expect(first).not.toBeNull();
  expect(await bucket.create('a', 'again')).toBeNull();
  expect(await bucket.update('a', 'stale', first! + 7)).toBeNull();
  const second = await bucket.update('a', 'two', first!);
  expect(text((await bucket.get('a'))?.value)).toBe('two');
  expect((await bucket.get('a'))?.revision).toBe(second);
  await bucket.put('b.c-d', 'three');
  expect(await bucket.keys()).toEqual(['a', 'b.c-d']);
  await bucket.delete('a');
  expect(await bucket.get('a')).toBeNull();
  expect(await bucket.keys()).toEqual(['b.c-d']);
  expect(await bucket.create('a', 'reborn')).not.toBeNull();
});

it('shows what is there and every change, over a restart of the server', async () => {
  await bucket.put('w', 'before');
  const stop = new AbortController();
  const seen: Change[] = [];
  const watching = (async () => {
    for await (const change of bucket.watch(stop.signal)) if (change.key === 'w') seen.push(change);
  })();
  const texts = () => seen.map((change) => text(change.value));
  await vi.waitFor(() => expect(texts()).toEqual(['before']));
  await bucket.put('w', 'changed');
  await vi.waitFor(() => expect(texts()).toEqual(['before', 'changed']));
  await nats.restart();
  await bucket.delete('w');
  await vi.waitFor(() => expect(texts()).toEqual(['before', 'changed', null]), { timeout: 10_000 });
  stop.abort();
  await watching;
});

it('says that a bucket is missing', async () => {
  await expect(openBucket(bus, 'nowhere')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
});
