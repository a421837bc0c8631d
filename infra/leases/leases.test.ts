import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { buckets } from '../../events/subjects.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { connectBus, type Bus } from '../bus/connection.ts';
import { openBucket } from '../bus/kv.ts';
import { ensureStreams } from '../bus/streams.ts';
import { createLogger } from '../log.ts';
import type { Lease } from './lease.ts';
import { startLeases, type Leases } from './leases.ts';

const log = createLogger('test', 'silent');
const names = ['partition.0', 'partition.1', 'partition.2', 'partition.3'];
const groups = [['webhooks'], names];

let nats: NatsUnderTest;
let bus: Bus;
let starts = 0;
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 2 ** 20, replicas: 1 });
});
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
  // Those that a test cut off have left their keys behind.
  const bucket = await openBucket(bus, buckets.leases);
  for (const { key } of await bucket.entries('member.')) await bucket.purge(key);
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

/** A member on a connection of its own, with the leases it was given so far. */
async function join(instance: string): Promise<{ leases: Leases; given: Lease[]; bus: Bus }> {
  const own = await connectBus(nats.busOptions(instance));
  const given: Lease[] = [];
  const run = (lease: Lease) => {
    given.push(lease);
    return new Promise<void>((resolve) => lease.signal.addEventListener('abort', () => resolve()));
  };
  const leases = await startLeases({ bus: own, instance, start: String(++starts), groups, run, log });
  open.push(async () => {
    await leases.stop();
    await own.close();
  });
  return { leases, given, bus: own };
}

const partitionsOf = ({ leases }: { leases: Leases }) => leases.held().filter((name) => name !== 'webhooks');
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

it('an outage of the bus changes nothing: who holds waits, and goes on', async () => {
  const member = await join('g');
  await nats.kill();
  await eventually(() => expect(member.given.every(({ isValid }) => !isValid)).toBe(true));
  const confirmed = Promise.all(member.given.map((lease) => lease.confirmed()));
  await nats.restart();
  await confirmed;
  expect(member.given).toHaveLength(groups.flat().length);
  expect(member.leases.held()).toEqual(['webhooks', ...names]);
});

it('one holds all; a second gets half; who stops hands over', async () => {
  const first = await join('a');
  expect(first.leases.held()).toEqual(['webhooks', ...names]);
  const second = await join('b');
  await eventually(() => expect([partitionsOf(first).length, partitionsOf(second).length]).toEqual([2, 2]));
  expect([...partitionsOf(first), ...partitionsOf(second)].toSorted()).toEqual(names);
  await first.leases.stop();
  expect(first.leases.held()).toEqual([]);
  await eventually(() => expect(second.leases.held()).toEqual(['webhooks', ...names]));
  expect(await (await openBucket(bus, buckets.leases)).keys()).toEqual(['member.b', 'table']);
});

it('what one held who is not heard of any more is taken, and it knows before', async () => {
  const first = await join('c');
  const second = await join('d');
  await eventually(() => expect([partitionsOf(first).length, partitionsOf(second).length]).toEqual([2, 2]));
  const lost = first.given.filter(({ signal }) => !signal.aborted);
  await first.bus.connection.close();
  const states: boolean[] = [];
  await eventually(() => {
    const taken = partitionsOf(second).length === names.length;
    if (taken) states.push(...lost.map(({ isValid }) => isValid));
    expect(taken).toBe(true);
  });
  expect(lost.length).toBeGreaterThan(0);
  expect(states.every((isValid) => !isValid)).toBe(true);
});

it('a process that starts under the name of one that died takes its leases over at once', async () => {
  const first = await join('e');
  await first.bus.connection.close();
  const second = await join('e');
  expect(partitionsOf(second)).toEqual(names);
  expect(second.leases.isAlive(first.leases.id)).toBe(false);
});

it('a process whose name another takes gives up all', async () => {
  const first = await join('f');
  await join('f');
  await expect(first.leases.failed).rejects.toMatchObject({ code: 'FENCED' });
  await expect(first.given[0]!.confirmed()).rejects.toMatchObject({ code: 'FENCED' });
});
