import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldValue, Reading } from '../../events/reading.ts';
import type { WindowResult } from '../../events/window.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { AlignedWindows } from './aligned-windows.ts';
import { tumbling } from './tumbling.ts';
import type { WindowOperator } from './window-operator.ts';

const s = 1e6;
/** A minute that begins a UTC minute, years after the epoch. */
const base = 1_782_900_000 * s;
const config: WindowConfig = {
  name: '1m',
  kind: 'tumbling',
  size: 60_000,
  by: ['device'],
  lateness: 5_000,
  idle: 30_000,
  retain: 0,
  fields: ['*'],
  aggregates: [],
};

const create = (of: WindowConfig, elapsedUs: number, restored?: unknown) =>
  new AlignedWindows(of, tumbling(of), { elapsedUs, slot: 0, restored });

let sequence = 0;
function reading(atS: number, value: FieldValue = 1, key = 'd', fields?: Reading['fields']): Reading {
  const origin = { partition: 0, sequence: ++sequence, index: 0 };
  const timeUs = base + Math.round(atS * s);
  return {
    key,
    device: key,
    timeUs,
    ownTime: true,
    fields: fields ?? { t: value },
    tags: {},
    receivedAtUs: timeUs,
    origin,
  };
}

/** Feeds readings (or lets `elapsed` move to `{ at }` seconds) and tells what closed, as `[start s, count]`. */
function run(windows: WindowOperator, events: readonly (Reading | { at: number })[]) {
  let elapsedUs = 0;
  const closed: WindowResult[] = [];
  const late: Reading[] = [];
  for (const event of events) {
    if ('at' in event) {
      elapsedUs = event.at * s;
      windows.advance({ nowUs: base + 3600 * s, elapsedUs }, { partition: 0, sequence: 0, index: -1 }, closed);
    } else if (windows.add(event, { nowUs: base, elapsedUs }, closed, null)) late.push(event);
  }
  const starts = closed.map(({ startUs, count }) => [(startUs - base) / s, count]);
  return { closed, late: late.length, starts };
}

describe('edges', () => {
  it.each<[string, number[], [number, number][], number]>([
    ['nothing closes before the watermark', [0, 59, 64.999999], [], 0],
    ['the watermark exactly at the end closes', [0, 59, 65], [[0, 2]], 0],
    [
      'a reading at the end is in the next window',
      [59.999999, 60, 125],
      [
        [0, 1],
        [60, 1],
      ],
      0,
    ],
    ['one window after the other, none for empty ones', [0, 300], [[0, 1]], 0],
    ['out of order within the lateness', [10, 62, 59, 58, 65], [[0, 3]], 0],
    ['late by a hair', [10, 65, 59.999999], [[0, 1]], 1],
    ['not late in the window that is open', [10, 65, 60], [[0, 1]], 0],
    ['the first reading makes all before it late', [600, 10], [], 1],
    ['a late reading moves nothing', [10, 65, 1, 2, 3, 66], [[0, 1]], 3],
  ])('%s', (_what, times, starts, late) => {
    expect(
      run(
        create(config, 0),
        times.map((at) => reading(at)),
      ),
    ).toMatchObject({ starts, late });
  });
});

it('the result', () => {
  const { closed } = run(create(config, 0), [reading(20, 4), reading(10, 2), reading(70, 9)]);
  expect(closed).toEqual([
    {
      window: '1m',
      key: 'd',
      device: 'd',
      field: 't',
      tags: {},
      startUs: base,
      endUs: base + 60 * s,
      revision: 0,
      origin: { partition: 0, sequence, index: 0 },
      count: 2,
      min: 2,
      max: 4,
      mean: 3,
      sum: 6,
      first: 2,
      last: 4,
      stddev: 1,
    },
  ]);
});

describe('idle', () => {
  it.each<[string, (Reading | { at: number })[], [number, number][], number]>([
    ['just before', [reading(10), { at: 29.999999 }], [], 0],
    ['exactly at it', [reading(10), { at: 30 }], [[0, 1]], 0],
    ['each reading starts it anew', [reading(10), { at: 20 }, reading(11), { at: 49 }], [], 0],
    [
      'all that is open closes',
      [reading(59), reading(61), { at: 30 }],
      [
        [0, 1],
        [60, 1],
      ],
      0,
    ],
    ['what comes for a window closed by silence is late', [reading(10), { at: 30 }, reading(50)], [[0, 1]], 1],
    [
      'the next window is not',
      [reading(10), { at: 30 }, reading(60), { at: 60 }],
      [
        [0, 1],
        [60, 1],
      ],
      0,
    ],
  ])('%s', (_what, events, starts, late) => {
    expect(run(create(config, 0), events)).toMatchObject({ starts, late });
  });
});

describe('each device has its own watermark', () => {
  it('a fast clock harms nobody else, and a device far behind loses nothing', () => {
    const events = [
      reading(0, 1, 'a'),
      reading(3600, 1, 'fast'),
      reading(1, 1, 'a'),
      reading(-120, 1, 'behind'),
      reading(-55, 1, 'behind'),
    ];
    expect(run(create(config, 0), events)).toMatchObject({ starts: [[-120, 1]], late: 0 });
  });
});

describe('fields', () => {
  const result = (fields: string[], values: Reading['fields']) =>
    run(create({ ...config, fields }, 0), [reading(1, 0, 'd', values), reading(120, 0, 'd', values)]).closed.map(
      ({ field, sum }) => [field, sum],
    );
  it.each<[string[], Reading['fields'], [string, number][]]>([
    [
      ['*'],
      { t: 1, on: true, off: false, mode: 'auto' },
      [
        ['t', 1],
        ['on', 1],
        ['off', 0],
      ],
    ],
    [['t'], { t: 1, h: 2 }, [['t', 1]]],
    [['x'], { t: 1 }, []],
  ])('%j of %j', (fields, values, expected) => expect(result(fields, values)).toEqual(expected));

  it('a late reading without a wanted field is not late', () => {
    const windows = create({ ...config, fields: ['t'] }, 0);
    expect(run(windows, [reading(600), reading(1, 0, 'd', { h: 1 }), reading(1, 0, 'd', { t: 'text' })]).late).toBe(0);
  });

  it('any reading moves the watermark', () => {
    const windows = create({ ...config, fields: ['t'] }, 0);
    expect(run(windows, [reading(1), reading(65, 0, 'd', { h: 1 })]).starts).toEqual([[0, 1]]);
  });
});

const fleet = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    atMs: fc.integer({ min: 0, max: 40_000 }),
    value: fc.integer({ min: -50, max: 50 }),
  }),
  { maxLength: 80 },
);
const small = { ...config, size: 5_000, lateness: 3_000 };

it('equals a naive oracle for any disorder of several devices', () => {
  fc.assert(
    fc.property(fleet, (rows) => {
      const { closed, late } = run(create(small, 0), [
        ...rows.map(({ key, atMs, value }) => reading(atMs / 1e3, value, key)),
        { at: 3600 },
      ]);
      const expected = oracle(rows);
      expect(late).toBe(expected.late);
      const line = ({ key, startUs, count, sum, min, max }: WindowResult) =>
        `${key} ${(startUs - base) / 1e3} ${count} ${sum} ${min} ${max}`;
      expect(closed.map(line).toSorted()).toEqual(expected.lines.toSorted());
    }),
  );
});

/** Each reading by itself: is its window's end at or behind the device's greatest time so far, less the lateness? */
function oracle(rows: readonly { key: string; atMs: number; value: number }[]) {
  const taken = new Map<string, number[]>();
  let late = 0;
  for (const [i, { key, atMs, value }] of rows.entries()) {
    const before = rows.slice(0, i).filter((row) => row.key === key);
    const greatest = Math.max(-Infinity, ...before.map((row) => row.atMs));
    const start = Math.floor(atMs / small.size) * small.size;
    if (start + small.size <= greatest - small.lateness) late++;
    else taken.set(`${key} ${start}`, [...(taken.get(`${key} ${start}`) ?? []), value]);
  }
  const lines = [...taken].map(([name, values]) => {
    const sum = values.reduce((a, b) => a + b, 0);
    return `${name} ${values.length} ${sum} ${Math.min(...values)} ${Math.max(...values)}`;
  });
  return { late, lines };
}

it('a snapshot at any point restores to the same further results', () => {
  fc.assert(
    fc.property(fleet, fc.nat(80), (rows, split) => {
      const events = rows.map(({ key, atMs, value }) => reading(atMs / 1e3, value, key));
      const original = create(small, 0);
      run(original, events.slice(0, split));
      const copy = create(small, 0, structuredClone(original.snapshot()));
      const rest = [...events.slice(split), { at: 3600 }];
      expect(run(copy, rest)).toEqual(run(original, rest));
    }),
  );
});
