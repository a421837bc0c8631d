import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Latencies } from './latencies.ts';

it('has nothing to say before anything was measured', () => {
  expect(new Latencies().read(0)).toEqual({ p50: null, p99: null });
});

it('is within a tenth of the percentiles', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.06, max: 60_000, noNaN: true }), { minLength: 1 }), (values) => {
      const latencies = new Latencies();
      for (const value of values) latencies.add(value, 5_000);
      const sorted = values.toSorted((a, b) => a - b);
      const { p50, p99 } = latencies.read(5_000);
      for (const [share, found] of [
        [0.5, p50],
        [0.99, p99],
      ] as const) {
        const exact = sorted[Math.ceil(sorted.length * share) - 1]!;
        expect(found! / exact).toBeGreaterThan(0.99);
        expect(found! / exact).toBeLessThan(1.11);
      }
    }),
  );
});

it('forgets what is older than 10 s, also after a long silence', () => {
  const latencies = new Latencies();
  latencies.add(100, 1_500);
  expect(latencies.read(10_900).p50).not.toBeNull();
  expect(latencies.read(11_000).p50).toBeNull();
  latencies.add(100, 12_000);
  expect(latencies.read(1_000_000).p50).toBeNull();
});
