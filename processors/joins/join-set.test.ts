import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DerivedReading, FieldValue, Reading } from '../../events/reading.ts';
import type { configSchema } from '../../infra/config/schema.ts';
import type { z } from 'zod';
import { logStartUs, stored, testConfig } from '../test-log.ts';
import { needsFleet } from '../../infra/config/fleet-scope.ts';
import { groupsMax } from '../windows/groups-max.ts';
import { JoinSet } from './join-set.ts';
import { sideReadingsMax } from './side.ts';

type Written = NonNullable<z.input<typeof configSchema>['joins']>[number];

const s = 1e6;
const configOf = (over: Partial<Written> = {}) =>
  testConfig({
    joins: [
      {
        name: 'delta',
        left: { field: 'inlet', where: { device: 'h1' } },
        right: { field: 'outlet', where: { device: 'h2' } },
        by: ['site'],
        tolerance: '2s',
        lateness: '5s',
        expression: 'left - right',
        ...over,
      },
    ],
  }).joins;

let sequence = 0;
const reading = (device: string, at: number, fields: Record<string, FieldValue>, site = 's'): Reading => ({
  key: `${site}/${device}`,
  device,
  timeUs: logStartUs + at * s,
  ownTime: true,
  fields,
  tags: { site },
  receivedAtUs: logStartUs,
  origin: { partition: 0, sequence: ++sequence, index: 0 },
});
const inlet = (at: number, value: FieldValue, site?: string) => reading('h1', at, { inlet: value }, site);
const outlet = (at: number, value: FieldValue, site?: string) => reading('h2', at, { outlet: value }, site);
const told = (derived: readonly DerivedReading[]) =>
  derived.map(({ timeUs, fields, key }) => [(timeUs - logStartUs) / s, fields['delta'], key.slice('site='.length)]);

/** Adds readings, then lets enough time pass for all. */
function joined(readings: readonly Reading[], over: Partial<Written> = {}) {
  const set = new JoinSet(configOf(over));
  const early = readings.flatMap((one) => set.add(one));
  return [...early, ...set.advance({ nowUs: logStartUs + 3_600 * s })];
}

describe('a left reading is joined with', () => {
  it.each<[string, Reading[], [number, number, string][]]>([
    ['the nearest', [outlet(0, 1), outlet(3, 2), inlet(2, 10)], [[2, 8, 's']]],
    ['one exactly at the tolerance', [outlet(0, 1), inlet(2, 10)], [[2, 9, 's']]],
    ['none just beyond it', [outlet(0, 1), inlet(2.000001, 10)], []],
    ['the earlier of two as near', [outlet(4, 1), outlet(2, 2), inlet(3, 10)], [[3, 8, 's']]],
    ['one that comes after it', [inlet(2, 10), outlet(3, 4)], [[2, 6, 's']]],
    ['one of its own group', [inlet(2, 10, 'a'), outlet(2, 4, 'b'), outlet(3, 1, 'a')], [[2, 9, 'a']]],
    [
      'one that others are joined with too',
      [inlet(2, 10), inlet(3, 20), outlet(3, 1)],
      [
        [2, 9, 's'],
        [3, 19, 's'],
      ],
    ],
    ['nothing when a value is a text', [inlet(2, 'n/a'), outlet(2, 1)], []],
    ['a boolean as 1', [inlet(2, true), outlet(2, 1)], [[2, 0, 's']]],
    ['nothing of another device', [inlet(2, 1), reading('h3', 2, { outlet: 1 })], []],
  ])('%s', (_what, readings, expected) => expect(told(joined(readings))).toEqual(expected));
});

it('two fields of one device', () => {
  const config = { left: { field: 'a' }, right: { field: 'b' }, by: ['device'], tolerance: '0s' };
  const readings = [reading('x', 1, { a: 5, b: 2 }), reading('y', 1, { a: 5 }), reading('y', 1, { b: 4 })];
  expect(joined(readings, config)).toMatchObject([
    {
      processor: 'delta',
      key: 's/x',
      device: 'x',
      tags: { site: 's' },
      fields: { delta: 3 },
      origin: readings[0]!.origin,
    },
    { processor: 'delta', key: 's/y', device: 'y', tags: { site: 's' }, fields: { delta: 1 } },
  ]);
});

it('without tags to group by it is the whole fleet', () => {
  expect(joined([inlet(0, 3, 'a'), outlet(0, 1, 'b')], { by: [] })).toMatchObject([
    { key: 'fleet', device: '', tags: {}, fields: { delta: 2 } },
  ]);
});

it('is decided when the clock is past its time, the tolerance and the lateness', () => {
  const set = new JoinSet(configOf());
  set.advance({ nowUs: logStartUs });
  set.add(inlet(0, 10));
  set.add(outlet(1, 1));
  expect(set.advance({ nowUs: logStartUs + 7 * s })).toEqual([]);
  set.add(outlet(0.5, 2));
  expect(told(set.advance({ nowUs: logStartUs + 7 * s + 1 }))).toEqual([[0, 8, 's']]);
  set.add(inlet(0, 11));
  expect(told(set.advance({ nowUs: logStartUs + 60 * s }))).toEqual([]);
  expect(set.counts()).toMatchObject([{ join: 'delta', counts: { joined: 1, late: 1, alone: 0 } }]);
  expect(set.snapshot()).toMatchObject([[expect.anything(), { groups: [] }]]);
});

it('a left reading that is behind the watermark by no more than the tolerance is joined, just beyond it is late', () => {
  const set = new JoinSet(configOf());
  set.add(outlet(0, 1));
  set.advance({ nowUs: logStartUs + 7 * s });
  set.add(inlet(0, 10));
  set.add(inlet(-0.000001, 20));
  expect(told(set.advance({ nowUs: logStartUs + 60 * s }))).toEqual([[0, 9, 's']]);
  expect(set.counts()[0]!.counts).toMatchObject({ joined: 1, late: 1 });
});

it('a full side decides its oldest before the time', () => {
  const set = new JoinSet(configOf());
  set.add(outlet(0, 1));
  for (let i = 0; i < sideReadingsMax; i++) expect(set.add(inlet(i / 1e3, 5))).toEqual([]);
  expect(told(set.add(inlet(10, 7)))).toEqual([[0, 4, 's']]);
  expect(set.counts()[0]!.counts).toMatchObject({ beyond: 1, joined: 1 });
});

it('of further groups readings are left out and counted', () => {
  const set = new JoinSet(configOf());
  for (let i = 0; i < groupsMax; i++) set.add(inlet(0, 1, `s${i}`));
  expect(set.takeLeftOut()).toEqual([]);
  set.add(inlet(0, 1, 'further'));
  expect(set.takeLeftOut()).toEqual([{ part: 'join', name: 'delta', readings: 1 }]);
  expect(set.takeLeftOut()).toEqual([]);
  set.advance({ nowUs: logStartUs + 60 * s });
  set.add(inlet(60, 1, 'further'));
  expect(set.takeLeftOut()).toEqual([]);
});

it('an older reading brings the time of its group forward', () => {
  const set = new JoinSet(configOf());
  set.add(inlet(4, 10));
  set.add(inlet(1, 20));
  set.add(outlet(1, 5));
  expect(told(set.advance({ nowUs: logStartUs + 8 * s + 1 }))).toEqual([[1, 15, 's']]);
  set.add(outlet(4, 5));
  expect(told(set.advance({ nowUs: logStartUs + 11 * s + 1 }))).toEqual([[4, 5, 's']]);
});

it('what is not finite is left out and counted', () => {
  const set = new JoinSet(configOf({ expression: 'left / right' }));
  set.add(inlet(0, 1));
  set.add(outlet(0, 0));
  expect(set.advance({ nowUs: logStartUs + 60 * s })).toEqual([]);
  expect(set.counts()[0]!.counts).toMatchObject({ notFinite: 1, joined: 0 });
});

it('of one device it has the tags of its last reading', () => {
  const set = new JoinSet(
    configOf({ by: ['device'], left: { field: 'a' }, right: { field: 'b' }, expression: 'left' }),
  );
  const both = { ...inlet(0, 1), fields: { a: 1, b: 2 } };
  set.add({ ...both, tags: { line: 'one' } });
  set.add({ ...both, timeUs: both.timeUs + 1, tags: { line: 'two' } });
  expect(set.advance({ nowUs: logStartUs + 60 * s }).map(({ tags }) => tags)).toEqual([
    { line: 'two' },
    { line: 'two' },
  ]);
});

it('a configuration with joins needs the fleet worker', () => {
  expect([needsFleet(testConfig()), needsFleet({ windows: [], joins: configOf() })]).toEqual([false, true]);
});

it('unchanged joins keep their state, changed ones start afresh', () => {
  const set = new JoinSet(configOf());
  set.add(inlet(0, 10));
  set.reconfigure(configOf());
  set.add(outlet(0, 1));
  set.reconfigure(configOf({ tolerance: '3s' }));
  set.add(outlet(0, 1));
  expect(set.advance({ nowUs: logStartUs + 60 * s })).toEqual([]);
});

/** At each of these steps the clock is a second later. */
const event = fc.record({
  left: fc.boolean(),
  site: fc.constantFrom('a', 'b'),
  // Behind the clock by at most the lateness: nobody is late.
  agoMs: fc.integer({ min: -2000, max: 5000 }),
  value: fc.integer({ min: -9, max: 9 }),
});
const log = fc.array(fc.array(event, { maxLength: 5 }), { maxLength: 30 }).map((steps) =>
  steps.map((events, second) => ({
    nowUs: logStartUs + second * s,
    readings: events.map(({ left, site, agoMs, value }) => (left ? inlet : outlet)(second - agoMs / 1e3, value, site)),
  })),
);

/** Each left reading beside every right one. */
function oracle(readings: readonly Reading[]): [number, number, string][] {
  const lefts = readings.filter(({ device }) => device === 'h1');
  const rights = readings.filter(({ device }) => device === 'h2');
  const results = lefts.flatMap((left) => {
    const near = rights
      .filter(({ tags, timeUs }) => tags['site'] === left.tags['site'] && Math.abs(timeUs - left.timeUs) <= 2 * s)
      .toSorted(
        (a, b) =>
          Math.abs(a.timeUs - left.timeUs) - Math.abs(b.timeUs - left.timeUs) ||
          a.timeUs - b.timeUs ||
          a.origin.sequence - b.origin.sequence,
      )[0];
    if (near === undefined) return [];
    return [{ left, value: Number(left.fields['inlet']) - Number(near.fields['outlet']) }];
  });
  return results
    .toSorted(
      (a, b) =>
        a.left.timeUs - b.left.timeUs ||
        (a.left.key < b.left.key ? -1 : 1) * Number(a.left.key !== b.left.key) ||
        a.left.origin.sequence - b.left.origin.sequence,
    )
    .map(({ left, value }) => [(left.timeUs - logStartUs) / s, value, left.tags['site']!]);
}

function run(set: JoinSet, steps: readonly { nowUs: number; readings: readonly Reading[] }[]): DerivedReading[] {
  return steps.flatMap(({ nowUs, readings }) => [
    ...set.advance({ nowUs }),
    ...readings.flatMap((one) => set.add(one)),
  ]);
}

describe('for any readings that are not late', () => {
  it('the result is that of comparing all with all, in whatever order they came', () => {
    fc.assert(
      fc.property(log, (steps) => {
        const set = new JoinSet(configOf());
        const results = [...run(set, steps), ...set.advance({ nowUs: logStartUs + 3_600 * s })];
        const all = steps.flatMap(({ readings }) => readings);
        expect(told(results)).toEqual(oracle(all));
        const { joined: count, alone, late } = set.counts()[0]!.counts;
        expect([count + alone, late]).toEqual([all.filter(({ device }) => device === 'h1').length, 0]);
      }),
      { numRuns: 500 },
    );
  });

  it('restored at any point it goes on as if uninterrupted', () => {
    fc.assert(
      fc.property(log, fc.nat(30), (steps, at) => {
        const split = at % (steps.length + 1);
        const original = new JoinSet(configOf());
        run(original, steps.slice(0, split));
        const restored = new JoinSet(configOf(), stored(original.snapshot()) as ReturnType<JoinSet['snapshot']>);
        const rest = steps.slice(split);
        expect(run(restored, rest)).toEqual(run(original, rest));
        expect(stored(restored.snapshot())).toEqual(stored(original.snapshot()));
      }),
      { numRuns: 200 },
    );
  });
});
