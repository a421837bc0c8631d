import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FieldValue } from '../../../events/reading.ts';
import { Distinct, distinctHashesMax } from './distinct.ts';

const of = (values: Iterable<FieldValue>) => {
  const distinct = new Distinct();
  for (const value of values) distinct.add(value);
  return distinct;
};
const value = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.double({ noNaN: true }),
  fc.string({ maxLength: 2 }),
  fc.boolean(),
);

it('up to 256 different values are counted exactly', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 256 }), (values) => {
      expect(of(values).count).toBe(new Set(values).size);
    }),
  );
  expect(of(Array.from({ length: distinctHashesMax }, (_, i) => i)).count).toBe(distinctHashesMax);
});

it('a number, a text and a boolean are different values', () => {
  expect(of([1, '1', true, 0, false, '', -0]).count).toBe(6);
});

it.each([1_000, 10_000, 100_000])('%d are estimated within four standard errors, on average without bias', (count) => {
  const shares = Array.from({ length: 20 }, (_run, run) => {
    const values = Array.from({ length: count }, (_, i) => run * 1e6 + i);
    return of(values).count / count;
  });
  for (const share of shares) expect(Math.abs(share - 1)).toBeLessThan(4 * 0.063);
  expect(Math.abs(shares.reduce((a, b) => a + b, 0) / shares.length - 1)).toBeLessThan(0.063);
});

it('two parts merged are exactly the whole, and so is what was stored', () => {
  const many = fc.array(fc.nat(5_000), { maxLength: 600 });
  fc.assert(
    fc.property(many, many, (a, b) => {
      const merged = of(a);
      merged.merge(of(b));
      expect(merged.toRow()).toEqual(of([...a, ...b]).toRow());
      expect(Distinct.fromRow(merged.toRow()).count).toEqual(merged.count);
    }),
  );
});
