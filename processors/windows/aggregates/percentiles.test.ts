import fc from 'fast-check';
import { expect, it } from 'vitest';
import { percentileShares } from '../../../events/window.ts';
import { Percentiles, relativeAccuracy } from './percentiles.ts';

const of = (values: readonly number[]) => {
  const percentiles = new Percentiles();
  for (const value of values) percentiles.add(value);
  return percentiles;
};
const value = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, min: -100, max: 100 }),
);

it('each percentile is within 1 % of the value of its rank', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
      const sorted = values.toSorted((a, b) => a - b);
      for (const share of [0, ...Object.values(percentileShares), 1]) {
        const exact = sorted[Math.floor(share * (sorted.length - 1))]!;
        const found = of(values).at(share)!;
        // A hair more for rounding; below the least normal number everything is 0.
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) * relativeAccuracy * (1 + 1e-9) + 2.3e-308);
      }
    }),
  );
});

it('two parts merged are exactly the whole, and so is what was stored', () => {
  fc.assert(
    fc.property(fc.array(value), fc.array(value), (a, b) => {
      const merged = of(a);
      merged.merge(of(b));
      expect(merged.toRow()).toEqual(of([...a, ...b]).toRow());
      expect(Percentiles.fromRow(merged.toRow()).toRow()).toEqual(merged.toRow());
    }),
  );
});

it('of too many bins the lowest become one, the same in any order', () => {
  const values = Array.from({ length: 5_000 }, (_, i) => 1.03 ** i * 1e-30);
  const row = of(values).toRow();
  expect(row[0].length).toBe(2_048);
  expect(row[1].reduce((a, b) => a + b, 0)).toBe(5_000);
  expect(of(values.toReversed()).toRow()).toEqual(row);
  expect(of(values).at(0.99)! / values[Math.floor(0.99 * 4_999)]!).toBeCloseTo(1, 1);
});

it('nothing has no percentile', () => expect(new Percentiles().at(0.5)).toBe(null));
