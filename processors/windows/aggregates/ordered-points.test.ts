import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../../events/reading.ts';
import { ColumnReader } from '../../snapshot/column-reader.ts';
import { ColumnWriter } from '../../snapshot/column-writer.ts';
import { OrderedPoints, pointsMax } from './ordered-points.ts';

function columnsOf(points: OrderedPoints) {
  const columns = new ColumnWriter();
  points.write(columns);
  return columns.columns();
}

/** Points that are not summed up. */
function heldOf(points: OrderedPoints): number {
  const columns = new ColumnReader(columnsOf(points));
  columns.value();
  return columns.list(() => columns.real()).length;
}

type Row = readonly [timeS: number, value: FieldValue];

const of = (rows: readonly Row[]) => {
  const points = new OrderedPoints();
  for (const [timeS, value] of rows) points.add(timeS * 1e6, value);
  return points;
};
const figures = (points: OrderedPoints) => {
  const { timeWeightedMean, increase, rate, durations } = points.walk();
  return { twa: timeWeightedMean, increase, rate, durations };
};

describe('of values in order of time', () => {
  it.each<[string, Row[], ReturnType<typeof figures>]>([
    ['none', [], { twa: null, increase: null, rate: null, durations: {} }],
    ['one', [[5, 7]], { twa: 7, increase: 0, rate: null, durations: {} }],
    [
      'each counts until the next',
      [
        [0, 10],
        [9, 20],
        [10, 99],
      ],
      { twa: 11, increase: 89, rate: 8.9, durations: { 10: 9, 20: 1 } },
    ],
    [
      'whatever their order in the log',
      [
        [10, 99],
        [0, 10],
        [9, 20],
      ],
      { twa: 11, increase: 89, rate: 8.9, durations: { 10: 9, 20: 1 } },
    ],
    [
      'a fall of a counter is a restart from 0',
      [
        [0, 100],
        [1, 110],
        [2, 3],
        [4, 5],
      ],
      { twa: 54, increase: 15, rate: 3.75, durations: { 3: 2, 100: 1, 110: 1 } },
    ],
    [
      'states',
      [
        [0, 'run'],
        [5, 'stop'],
        [6, 'run'],
        [9, true],
        [10, false],
      ],
      { twa: 1, increase: 0, rate: 0, durations: { run: 8, stop: 1, true: 1 } },
    ],
    [
      'of one time by arrival',
      [
        [0, 1],
        [0, 5],
        [2, 5],
      ],
      { twa: 5, increase: 4, rate: 2, durations: { 5: 2 } },
    ],
  ])('%s', (_what, rows, expected) => expect(figures(of(rows))).toEqual(expected));

  it('of more than 32 states the further ones are summed up', () => {
    const rows = Array.from({ length: 40 }, (_, i): Row => [i, `state ${i}`]);
    const { durations } = figures(of(rows));
    expect(Object.keys(durations)).toHaveLength(33);
    expect(durations['(other)']).toBe(7);
  });
});

/** Straight from the definitions. */
function oracle(rows: readonly Row[]): ReturnType<typeof figures> {
  const sorted = rows
    .map(([timeS, value], i) => ({ timeS, value, i }))
    .toSorted((a, b) => a.timeS - b.timeS || a.i - b.i);
  const durations: Record<string, number> = {};
  for (const [i, { timeS, value }] of sorted.entries()) {
    const held = (sorted[i + 1]?.timeS ?? timeS) - timeS;
    if (held > 0) durations[String(value)] = (durations[String(value)] ?? 0) + held;
  }
  const numbers = sorted
    .filter(({ value }) => typeof value !== 'string')
    .map((one) => ({ ...one, value: Number(one.value) }));
  if (numbers.length === 0) return { twa: null, increase: null, rate: null, durations };
  const [first, last] = [numbers[0]!, numbers.at(-1)!];
  let [area, increase] = [0, 0];
  for (const [i, { timeS, value }] of numbers.slice(1).entries()) {
    const before = numbers[i]!;
    area += before.value * (timeS - before.timeS);
    increase += value >= before.value ? value - before.value : value;
  }
  const spanS = last.timeS - first.timeS;
  return {
    twa: spanS === 0 ? last.value : area / spanS,
    increase,
    rate: spanS === 0 ? null : increase / spanS,
    durations,
  };
}

const row = fc.tuple(fc.nat(100), fc.oneof(fc.nat(50), fc.constantFrom('on', 'off', true)));

it('equals the definitions for any order, merged or whole, stored or not', () => {
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (a, b) => {
      const whole = of([...a, ...b]);
      const expected = oracle([...a, ...b]);
      const close = (found: ReturnType<typeof figures>) => {
        expect(found.durations).toEqual(expected.durations);
        for (const name of ['twa', 'increase', 'rate'] as const) {
          expect(found[name] === null).toBe(expected[name] === null);
          expect(found[name] ?? 0).toBeCloseTo(expected[name] ?? 0, 9);
        }
      };
      close(figures(whole));
      const merged = of(a);
      merged.merge(of(b));
      expect(columnsOf(merged)).toEqual(columnsOf(whole));
      close(figures(OrderedPoints.read(new ColumnReader(columnsOf(whole)))));
    }),
  );
});

describe(`beyond ${pointsMax} points`, () => {
  const many = Array.from({ length: 10_000 }, (_, i): Row => [i, (i * 7) % 31]);

  it('the oldest are summed up and nothing of them is lost', () => {
    const points = of(many);
    expect(heldOf(points)).toBeLessThanOrEqual(pointsMax);
    expect(figures(points).increase).toBe(oracle(many).increase);
    expect(figures(points).twa).toBeCloseTo(oracle(many).twa!, 9);
  });

  it('what comes later of that time is left out', () => {
    const points = of(many);
    points.add(17.5 * 1e6, 1e9);
    expect(figures(points)).toEqual(figures(of(many)));
  });

  it('parts that follow each other merge to the whole', () => {
    for (const at of [10, 3_000, 5_000, 9_990]) {
      const merged = of(many.slice(0, at));
      merged.merge(of(many.slice(at)));
      expect(figures(merged).increase).toBe(oracle(many).increase);
      expect(figures(merged).twa).toBeCloseTo(oracle(many).twa!, 9);
      expect(figures(merged).durations).toEqual(figures(of(many)).durations);
      expect(heldOf(merged)).toBeLessThanOrEqual(pointsMax);
    }
  });
});
