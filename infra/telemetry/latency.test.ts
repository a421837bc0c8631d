import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyWindow } from './latency.ts';

describe('LatencyWindow', () => {
  it('says null while nothing was measured', () => {
    expect(new LatencyWindow().percentiles(5)).toEqual({ p50: null, p99: null });
  });

  it.each([
    ['in the second itself', 100, true],
    ['in the last second of the window', 109, true],
    ['just after it', 110, false],
    ['a second before', 99, false],
  ])('%s', (_, second, counted) => {
    const latency = new LatencyWindow(10);
    latency.record(7, 100);
    expect(latency.percentiles(second).p50 !== null).toBe(counted);
  });

  it('forgets a second when its slot comes round again', () => {
    const latency = new LatencyWindow(10);
    latency.record(1000, 100);
    latency.record(1, 110);
    expect(latency.percentiles(110).p99).toBeLessThan(2);
  });

  it('is at most 6 % above the nearest rank, never below', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.02, max: 500_000, noNaN: true }), { minLength: 1 }), (values) => {
        const latency = new LatencyWindow();
        for (const value of values) latency.record(value, 3);
        const sorted = values.toSorted((a, b) => a - b);
        const { p50, p99 } = latency.percentiles(3);
        for (const [found, rank] of [
          [p50, 0.5],
          [p99, 0.99],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * rank) - 1]!;
          expect(found! / exact).toBeGreaterThan(0.99);
          expect(found! / exact).toBeLessThan(1.06);
        }
      }),
    );
  });
});
