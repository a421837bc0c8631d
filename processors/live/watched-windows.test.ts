import { expect, it } from 'vitest';
import { watchedKeysMax } from '../../events/live.ts';
import type { WindowResult } from '../../events/window.ts';
import { partialsMax } from './devices-page.ts';
import { closedMax, WatchedWindows, watchersMax, watchHoldsMs } from './watched-windows.ts';

const result = (key: string, count: number, more: Partial<WindowResult> = {}): WindowResult => ({
  window: '10s',
  key,
  device: key,
  field: 't',
  tags: {},
  startUs: 0,
  endUs: 10e6,
  revision: 0,
  origin: { partition: 0, sequence: count, index: -1 },
  count,
  min: 1,
  max: 1,
  mean: 1,
  sum: count,
  first: 1,
  last: 1,
  stddev: 0,
  ...more,
});
const watching = (...devices: string[]) => {
  const watched = new WatchedWindows('devices');
  watched.watch({ watcher: 'd1', devices, groups: [] }, 0);
  return watched;
};

it('tells a key once it is watched, then only when its windows changed', () => {
  const watched = watching('a', 'b');
  const open = { a: [result('a', 1)], b: [] as WindowResult[] };
  const take = () => watched.take((key) => open[key as 'a' | 'b']).map(({ key, open: now }) => [key, now.length]);
  expect(take()).toEqual([
    ['a', 1],
    ['b', 0],
  ]);
  // Another message of the log, which brought nothing for it.
  open.a = [{ ...open.a[0]!, origin: { partition: 0, sequence: 9, index: -1 } }];
  expect(take()).toEqual([]);
  open.a = [result('a', 2)];
  expect(take()).toEqual([['a', 1]]);
  open.a = [];
  expect(take()).toEqual([['a', 0]]);
});

it('tells what closed since the last time, of keys that are watched, the latest of many', () => {
  const watched = watching('a');
  watched.take(() => []);
  watched.close([result('b', 1), ...Array.from({ length: closedMax + 1 }, (_, i) => result('a', i))]);
  const [item] = watched.take(() => []);
  expect(item!.closed.map(({ count }) => count)).toEqual(Array.from({ length: closedMax }, (_, i) => i + 1));
  expect(watched.take(() => [])).toEqual([]);
});

it('has no more open windows of a key than a page has', () => {
  const many = Array.from({ length: partialsMax + 1 }, (_, i) => result('a', i));
  expect(watching('a').take(() => many)[0]!.open).toEqual(many.slice(0, partialsMax));
});

it('says everything anew for another worker', () => {
  const watched = watching('a');
  watched.take(() => []);
  watched.restart();
  expect(watched.take(() => [])).toHaveLength(1);
});

it('forgets a watcher that is not heard of, or wants nothing', () => {
  const watched = watching('a');
  watched.watch({ watcher: 'd2', devices: ['a', 'c'], groups: ['a'] }, 1_000);
  expect(watched.size).toBe(2);
  watched.expire(watchHoldsMs);
  expect(watched.size).toBe(2);
  watched.watch({ watcher: 'd2', devices: [], groups: [] }, 2_000);
  expect(watched.size).toBe(0);
  watched.close([result('a', 1)]);
  expect(watched.take(() => [])).toEqual([]);
});

it('groups and devices are not each other', () => {
  const watched = new WatchedWindows('groups');
  watched.watch({ watcher: 'd1', devices: ['a'], groups: ['fleet'] }, 0);
  expect(watched.take(() => []).map(({ key }) => key)).toEqual(['fleet']);
});

it('is bounded', () => {
  const keys = Array.from({ length: watchedKeysMax + 1 }, (_, i) => `k${i}`);
  expect(watching(...keys).size).toBe(watchedKeysMax);
  const watched = new WatchedWindows('devices');
  for (let i = 0; i <= watchersMax; i++) watched.watch({ watcher: `d${i}`, devices: [`k${i}`], groups: [] }, 0);
  expect(watched.size).toBe(watchersMax);
});
