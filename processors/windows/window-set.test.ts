import type { WindowResult } from '../../events/window.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../events/reading.ts';
import { stored } from '../test-log.ts';
import type { DeviceSlots } from './device-slots.ts';
import { WindowSet, type WindowSetSnapshot } from './window-set.ts';
import { baseUs, push, windowConfigs, type Message } from './windows-under-test.ts';

const aggregates = ['p50', 'p99', 'distinct', 'twa', 'increase', 'rate', 'duration'] as const;
const some = { aggregates: [...aggregates] };
const all = windowConfigs(
  { name: '2s', size: '2s', lateness: '1s', idle: '3s', retain: '5s', ...some },
  { name: '6s', size: '6s', from: '2s', ...some },
  { name: '18s', size: '18s', from: '6s', idle: '9s', ...some },
  { name: 'hop', kind: 'hopping', size: '6s', every: '2s', lateness: '2s', idle: '4s', retain: '7s' },
  { name: 'slide', kind: 'sliding', size: '4s', lateness: '2s', ...some },
  { name: 'session', kind: 'session', gap: '2s', lateness: '1s', idle: '3s', retain: '9s', ...some },
  { name: 'three', kind: 'count', count: 3, ...some },
  { name: 'plain', size: '2s', lateness: '1s', idle: '3s', retain: '5s' },
  { name: 'long', size: '6s', from: 'plain', idle: '3s' },
  { name: 'long-hop', kind: 'hopping', size: '6s', every: '2s', from: 'plain', idle: '3s' },
  { name: 'day', size: '1d', timezone: 'Europe/Berlin' },
);
const fleet = windowConfigs(
  { name: 'site-2s', size: '2s', by: ['site'], lateness: '1s', retain: '5s', ...some },
  { name: 'site-6s', size: '6s', from: 'site-2s', by: ['site'], ...some },
  { name: 'site-session', kind: 'session', gap: '2s', by: ['site'], lateness: '1s' },
  { name: 'site-slide', kind: 'sliding', size: '4s', by: ['site'], lateness: '1s' },
  { name: 'all-hop', kind: 'hopping', size: '4s', every: '2s', by: [], lateness: '3s' },
  { name: 'site-three', kind: 'count', count: 3, by: ['site'] },
);

const value = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.constantFrom('on', 'off', true, false),
);
const sites: Reading['tags'][] = [{ site: 'north' }, { site: 'south' }, {}];
const log = fc
  .array(
    fc.record({
      pastMs: fc.oneof(fc.nat(900), fc.nat(20_000)),
      elapsed: fc.boolean(),
      sent: fc.array(
        fc.record({
          key: fc.constantFrom('a', 'b'),
          behindMs: fc.oneof(fc.nat(800), fc.nat(12_000)),
          fields: fc.dictionary(fc.constantFrom('t', 'h'), value, { minKeys: 1 }),
          tags: fc.constantFrom(...sites),
        }),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 40 },
  )
  .map((rows) => {
    let [nowS, elapsedS] = [0, 0];
    return rows.map(({ pastMs, elapsed, sent }): Message => {
      nowS += pastMs / 1e3;
      if (elapsed) elapsedS += Math.min(pastMs / 1e3, 2);
      return { nowS, elapsedS, sent: sent.map(({ behindMs, ...one }) => ({ ...one, atS: nowS - behindMs / 1e3 })) };
    });
  });

describe.each([
  ['of devices', all],
  ['of the fleet', fleet],
])('windows %s', (_what, configs) => {
  it('restored from a snapshot at any point go on as if uninterrupted', () => {
    fc.assert(
      fc.property(log, fc.nat(40), (messages, split) => {
        const original = new WindowSet(configs, 0);
        push(original, messages.slice(0, split));
        const elapsedUs = (messages[split - 1]?.elapsedS ?? 0) * 1e6;
        const copy = new WindowSet(configs, elapsedUs, stored(original.snapshot()) as WindowSetSnapshot);
        const rest = [...messages.slice(split), { nowS: 9_999, elapsedS: 9_999 }];
        for (const key of ['a', 'site=north', 'fleet']) {
          const origin = { partition: 0, sequence: 0, index: -1 };
          expect(copy.partials(key, origin)).toEqual(original.partials(key, origin));
        }
        const sorted = (windows: WindowSet) =>
          push(windows, rest, split + 1)
            .results.map((result) => JSON.stringify(result))
            .toSorted();
        expect(sorted(copy)).toEqual(sorted(original));
        expect(stored(copy.snapshot())).toEqual(stored(original.snapshot()));
      }),
      { numRuns: 150 },
    );
  });

  it('number the results of a window and field from 0 without a gap', () => {
    fc.assert(
      fc.property(log, (messages) => {
        const next = new Map<string, number>();
        for (const { window, key, field, startUs, revision } of push(new WindowSet(configs, 0), messages).results) {
          if (['slide', 'three', 'site-slide', 'site-three'].includes(window)) continue;
          const id = `${window} ${key} ${field} ${startUs}`;
          expect(revision).toBe(next.get(id) ?? 0);
          next.set(id, revision + 1);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('folded windows', () => {
  /** The long ones folded, and the same ones from readings. */
  const folded = windowConfigs(
    { name: 'a', size: '2s', lateness: '1s', idle: '3s', retain: '1h', ...some },
    { name: 'b', size: '6s', from: 'a', idle: '3s', retain: '1h', ...some },
    { name: 'c', size: '18s', from: 'b', idle: '3s', retain: '1h', ...some },
    { name: 'd', kind: 'hopping', size: '12s', every: '4s', from: 'a', idle: '3s', retain: '1h', ...some },
  );
  const direct = folded.map(({ from: _, ...config }) => config);

  it('end up with what windows of readings do', () => {
    fc.assert(
      fc.property(log, (messages) => {
        const end = { nowS: 9_999, elapsedS: 9_999 };
        const latest = (configs: typeof folded) =>
          new Map(
            push(new WindowSet(configs, 0), [...messages, end]).results.map((result) => [
              `${result.window} ${result.key} ${result.field} ${result.startUs}`,
              result,
            ]),
          );
        const [byFolding, byReadings] = [latest(folded), latest(direct)];
        expect([...byFolding.keys()].toSorted()).toEqual([...byReadings.keys()].toSorted());
        for (const [id, expected] of byReadings) {
          const result = byFolding.get(id)!;
          expect(result).toMatchObject({ count: expected.count, min: expected.min, max: expected.max });
          expect([result.p50, result.p99, result.distinct]).toEqual([expected.p50, expected.p99, expected.distinct]);
          for (const name of ['mean', 'sum', 'twa', 'increase', 'rate'] as const)
            expect(result[name] ?? 0).toBeCloseTo(expected[name] ?? 0, 6);
          expect(Object.values(result.durations!).reduce((a, b) => a + b, 0)).toBeCloseTo(
            Object.values(expected.durations!).reduce((a, b) => a + b, 0),
            6,
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are incomplete when a part is that was open at a gap, also if they began after it', () => {
    const windows = new WindowSet(all.slice(0, 3), 0);
    push(windows, [{ nowS: 0, sent: [{ atS: 0 }] }]);
    windows.gap();
    const { results } = push(windows, [{ nowS: 40, elapsedS: 0, sent: [{ atS: 1 }, { atS: 2 }, { atS: 40 }] }], 2);
    const found = results.map(({ window, startUs, incomplete = false }) => [
      window,
      (startUs - baseUs) / 1e6,
      incomplete,
    ]);
    expect(found).toEqual([
      ['2s', 0, true],
      ['2s', 2, false],
      ['6s', 0, true],
      ['18s', 0, true],
    ]);
  });

  it('close when the short ones have, are revised when these are, and settle what is beyond retain', () => {
    const windows = windowConfigs(
      { name: '1m', size: '1m', lateness: '0s', retain: '2m' },
      { name: '5m', size: '5m', from: '1m', retain: '0s' },
    );
    const times = [10, 70, 130, 310, 200, 290, 720];
    const messages = times.map((atS): Message => ({ nowS: atS, sent: [{ atS }] }));
    const { results } = push(new WindowSet(windows, 0), messages);
    const long = results.filter(({ window }) => window === '5m');
    expect(long.map(({ startUs, count, revision }) => [(startUs - baseUs) / 1e6, count, revision])).toEqual([
      [0, 3, 0],
      [0, 4, 1],
      [0, 5, 2],
      [300, 1, 0],
    ]);
  });
});

describe('groups', () => {
  const [site] = windowConfigs({ name: 's', size: '10s', by: ['site'], lateness: '2s' });
  const one = (atS: number, key: string, tags: Record<string, string>) => ({ atS, key, tags });

  it('close by the log`s clock, whatever a device`s clock says', () => {
    const windows = new WindowSet([site!], 0);
    const sent = [
      one(1, 'a', { site: 'x' }),
      one(900, 'b', { site: 'x' }),
      one(5, 'c', { site: 'y z' }),
      one(5, 'd', {}),
    ];
    expect(push(windows, [{ nowS: 6, sent }, { nowS: 11.999999 }]).results).toEqual([]);
    const { results } = push(windows, [{ nowS: 12 }]);
    expect(results.map(({ key, device, tags, count }) => [key, device, tags, count])).toEqual([
      ['site=x', '', { site: 'x' }, 1],
      ['site=y%20z', '', { site: 'y z' }, 1],
    ]);
    expect(push(windows, [{ nowS: 13, sent: [one(2, 'a', { site: 'x' })] }])).toMatchObject({
      late: 1,
      results: [{ key: 'site=x', count: 2, revision: 1 }],
    });
  });

  it('of all devices are called fleet', () => {
    const windows = new WindowSet(windowConfigs({ name: 'all', size: '10s', by: [], lateness: '0s' }), 0);
    const messages = [{ nowS: 1, sent: [one(1, 'a', { site: 'x' }), one(1, 'b', {})] }, { nowS: 10 }];
    expect(push(windows, messages).results).toMatchObject([{ key: 'fleet', device: '', tags: {}, count: 2 }]);
  });
});

it('partials are the open windows so far', () => {
  const windows = new WindowSet(all, 0);
  push(windows, [
    {
      nowS: 3,
      sent: [
        { key: 'a', atS: 1 },
        { key: 'a', atS: 2.5, value: 3 },
      ],
    },
  ]);
  const origin = { partition: 0, sequence: 9, index: -1 };
  const rows = windows
    .partials('a', origin)
    .map(({ window, count, partial, revision }) => ({ window, count, partial, revision }));
  const open = (window: string, count: number) => ({ window, count, partial: true, revision: 0 });
  expect(rows).toEqual(
    expect.arrayContaining([open('2s', 1), open('2s', 1), open('session', 2), open('three', 2), open('day', 2)]),
  );
  const last: WindowResult[] = [];
  windows.forget('a', origin, last);
  expect(last.length).toBeGreaterThan(5);
  expect(last.some(({ partial }) => partial)).toBe(false);
  expect(windows.partials('a', origin)).toEqual([]);
  expect(push(windows, [{ nowS: 9_999 }]).results).toEqual([]);
});

it('count windows that begin at the same time are told apart, also after a restart', () => {
  const configs = windowConfigs({ name: 'two', kind: 'count', count: 2 });
  const sent = Array.from({ length: 4 }, () => ({ atS: 5 }));
  const windows = new WindowSet(configs, 0);
  const before = push(windows, [{ nowS: 5, sent }]).results;
  const restored = new WindowSet(configs, 0, stored(windows.snapshot()) as WindowSetSnapshot);
  const results = [...before, ...push(restored, [{ nowS: 5, sent }], 2).results];
  expect(results.map(({ startUs, ordinal }) => [(startUs - baseUs) / 1e6, ordinal])).toEqual([
    [5, 0],
    [5, 1],
    [5, 2],
    [5, 3],
  ]);
});

it('windows that go on over many changes of the others give what they would have given', () => {
  const [kept] = windowConfigs({ name: 'kept', size: '10s', lateness: '1s' });
  const other = (i: number) => windowConfigs({ name: `other-${i % 3}`, size: `${1 + (i % 5)}s` });
  const changed = new WindowSet([kept!], 0);
  const plain = new WindowSet([kept!], 0);
  const known = { windows: null as DeviceSlots | null };
  const results: [WindowResult[], WindowResult[]] = [[], []];
  for (let i = 0; i < 60; i++) {
    changed.reconfigure(i % 2 === 0 ? [...other(i), kept!] : [kept!, ...other(i)], i * 1e6);
    const message = [{ nowS: i, sent: [{ atS: i, value: i }] }];
    results[0].push(...push(changed, message, i, known).results.filter(({ window }) => window === 'kept'));
    results[1].push(...push(plain, message, i).results);
    // Places do not pile up: one for each window.
    expect(known.windows!.groups.length).toBe(2);
  }
  expect(results[0]).toEqual(results[1]);
  expect(results[0].length).toBe(5);
});
