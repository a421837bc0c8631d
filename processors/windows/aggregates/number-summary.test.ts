import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnReader } from '../../snapshot/column-reader.ts';
import { ColumnWriter } from '../../snapshot/column-writer.ts';
import { NumberSummary } from './number-summary.ts';

const of = (rows: readonly (readonly [value: number, timeUs: number])[]) => {
  const aggregate = new NumberSummary();
  for (const [value, timeUs] of rows) aggregate.add(value, timeUs);
  return aggregate;
};

it('one value', () => {
  expect(of([[3, 1]]).result).toEqual({ count: 1, min: 3, max: 3, mean: 3, sum: 3, first: 3, last: 3, stddev: 0 });
});

it('several: the deviation is the population`s', () => {
  const rows = [2, 4, 4, 4, 5, 5, 7, 9].map((value, i) => [value, i] as const);
  expect(of(rows).result).toEqual({ count: 8, min: 2, max: 9, mean: 5, sum: 40, first: 2, last: 9, stddev: 2 });
});

describe('first and last go by event time', () => {
  it.each([
    [
      'in order',
      [
        [1, 10],
        [2, 20],
      ],
      1,
      2,
    ],
    [
      'reordered',
      [
        [2, 20],
        [1, 10],
      ],
      1,
      2,
    ],
    [
      'at one time, by arrival',
      [
        [1, 10],
        [2, 10],
        [3, 10],
      ],
      1,
      3,
    ],
  ] as const)('%s', (_what, rows, first, last) => expect(of(rows).result).toMatchObject({ first, last }));
});

describe('precision', () => {
  it('many small values on a large one are not lost', () => {
    const rows = [
      [1e16, 0] as const,
      ...Array.from({ length: 10_000 }, (_, i) => [1, i] as const),
      [-1e16, 0] as const,
    ];
    expect(of(rows).result.sum).toBe(10_000);
  });

  it('a small spread far from zero is seen', () => {
    const rows = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16].map((value, i) => [value, i] as const);
    expect(of(rows).result.stddev).toBeCloseTo(Math.sqrt(22.5), 9);
  });

  it('equal values have themselves as mean and no spread', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: -1e300, max: 1e300 }),
        fc.integer({ min: 1, max: 50 }),
        (value, count) => {
          const { mean, min, max, stddev } = of(Array.from({ length: count }, (_, i) => [value, i] as const)).result;
          expect([mean, min, max]).toEqual([value, value, value]);
          expect(stddev).toBe(0);
        },
      ),
    );
  });
});

it('equals the textbook, and a copy goes on as the original does', () => {
  const row = fc.tuple(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.nat(1000));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), fc.array(row), (before, after) => {
      const original = of(before);
      const columns = new ColumnWriter();
      original.write(columns);
      const copy = NumberSummary.read(new ColumnReader(columns.columns()));
      for (const [value, timeUs] of after) {
        original.add(value, timeUs);
        copy.add(value, timeUs);
      }
      expect(copy.result).toEqual(original.result);

      const values = [...before, ...after].map(([value]) => value);
      const sum = values.reduce((a, b) => a + b, 0);
      const mean = sum / values.length;
      const spread = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
      const { result } = original;
      expect(result.sum).toBeCloseTo(sum, 3);
      expect(result.mean).toBeCloseTo(mean, 3);
      expect(result.stddev).toBeCloseTo(spread, 3);
      expect(result).toMatchObject({ count: values.length, min: Math.min(...values), max: Math.max(...values) });
    }),
  );
});

it('stays finite at the ends of a double', () => {
  const value = fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, 1e308, -1e308, 1, Number.MIN_VALUE);
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const { result } = of(values.map((each, i) => [each, i] as const));
      for (const number of Object.values(result)) expect(number).toSatisfy(Number.isFinite);
      expect(result.mean).toBeGreaterThanOrEqual(result.min);
      expect(result.mean).toBeLessThanOrEqual(result.max);
    }),
  );
});

it('two parts merged are the whole', () => {
  const row = fc.tuple(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.nat(1000));
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (a, b) => {
      const merged = of(a);
      merged.merge(of(b));
      const { mean, sum, stddev, ...exact } = of([...a, ...b]).result;
      expect(merged.result).toMatchObject(exact);
      if (a.length + b.length === 0) return;
      expect(merged.result.mean).toBeCloseTo(mean, 6);
      expect(merged.result.sum).toBeCloseTo(sum, 6);
      expect(merged.result.stddev).toBeCloseTo(stddev, 3);
    }),
  );
});
