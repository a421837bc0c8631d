import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { WindowsBatch } from '../../events/live.ts';
import { subjects } from '../../events/subjects.ts';
import type { WindowResult } from '../../events/window.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { publishCore, subscribeCore } from '../../infra/bus/core.ts';
import { createLogger } from '../../infra/log.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { PartialsFeed } from './partials-feed.ts';

let nats: NatsUnderTest;
let bus: Bus;
let told: WindowsBatch[] = [];
let asked: string[] = [];
/** Some turns of the feed's timer. */
const soon = { timeout: 5_000 };
const log = createLogger('processors', 'silent');

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  subscribeCore(bus, 'live.partials.*', (data) => told.push(JSON.parse(Buffer.from(data).toString()) as WindowsBatch));
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});
beforeEach(() => {
  told = [];
  asked = [];
});

const watch = (devices: readonly string[], groups: readonly string[] = []) =>
  publishCore(bus, subjects.queryPartials, JSON.stringify({ watcher: 'd1', devices, groups }));

function windowOf(key: string, count: number): WindowResult {
  asked.push(key);
  const numbers = { count, min: 1, max: 1, mean: 1, sum: count, first: 1, last: 1, stddev: 0 };
  const about = { window: '10s', key, device: key, field: 't', tags: {}, startUs: 0, endUs: 10e6, revision: 0 };
  return { ...about, ...numbers, partial: true, origin: { partition: 3, sequence: 1, index: -1 } };
}

it('computes nothing while nobody watches, then tells how the windows of those watched grow and close', async () => {
  using feed = new PartialsFeed({ bus, lane: 3, log, mayShow: () => true });
  let count = 1;
  feed.show((key) => [windowOf(key, count)]);
  feed.passed([windowOf('a', 9)]);
  // Another feed that is watched: a turn of both timers has passed when it has told twice.
  using other = new PartialsFeed({ bus, lane: 'fleet', log, mayShow: () => true });
  let turns = 0;
  other.show(() => [windowOf('group', ++turns)]);
  watch([], ['group']);
  await vi.waitFor(() => expect(turns).toBeGreaterThan(2), soon);
  expect(asked.filter((key) => key !== 'group')).toEqual(['a']);
  expect(told.every(({ lane }) => lane === 'fleet')).toBe(true);

  told = [];
  watch(['a']);
  await vi.waitFor(() => expect(told).toMatchObject([{ lane: 3, items: [{ key: 'a', open: [{ count: 1 }] }] }]), soon);
  count = 2;
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ items: [{ open: [{ count: 2 }], closed: [] }] }), soon);
  feed.passed([windowOf('a', 3), windowOf('b', 3)]);
  await vi.waitFor(
    () => expect(told.at(-1)!.items).toMatchObject([{ key: 'a', closed: [{ key: 'a', count: 3 }] }]),
    soon,
  );
});

it('tells nothing while another process may be the worker, and of nonsense nothing comes', async () => {
  let isWorker = false;
  using feed = new PartialsFeed({ bus, lane: 3, log, mayShow: () => isWorker });
  feed.show((key) => [windowOf(key, 1)]);
  publishCore(bus, subjects.queryPartials, 'nonsense');
  publishCore(bus, subjects.queryPartials, '{}');
  using other = new PartialsFeed({ bus, lane: 4, log, mayShow: () => true });
  other.show((key) => [windowOf(key, 1)]);
  watch(['a']);
  await vi.waitFor(() => expect(told).toMatchObject([{ lane: 4 }]), soon);
  isWorker = true;
  await vi.waitFor(() => expect(told.map(({ lane }) => lane)).toEqual([4, 3]), soon);
});
