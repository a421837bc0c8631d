import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

it('a burst of a second, then the rate, then after silence a burst again', () => {
  const bucket = new TokenBucket(100, 0);
  expect(bucket.available(0)).toBe(100);
  bucket.take(100);
  expect(bucket.available(0)).toBe(0);
  expect(bucket.waitMs(1, 0)).toBe(10);
  expect(bucket.available(9)).toBeLessThan(1);
  expect(bucket.available(10)).toBe(1);
  expect(bucket.available(500)).toBe(50);
  expect(bucket.available(99_000)).toBe(100);
});

it('what is larger than the burst passes and is waited for', () => {
  const bucket = new TokenBucket(100, 0);
  bucket.take(300);
  expect(bucket.available(0)).toBe(-200);
  expect(bucket.waitMs(1, 0)).toBe(2_010);
  expect(bucket.available(2_010)).toBe(1);
});

it('a clock that steps back gives nothing', () => {
  const bucket = new TokenBucket(100, 1_000);
  bucket.take(100);
  expect(bucket.available(0)).toBe(0);
  expect(bucket.available(1_010)).toBe(1);
});

it('never more than a burst and the rate, however it is asked', () => {
  const step = fc.record({ ms: fc.integer({ min: 0, max: 3_000 }), want: fc.integer({ min: 1, max: 400 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const bucket = new TokenBucket(100, 0);
      let nowMs = 0;
      let passed = 0;
      for (const { ms, want } of steps) {
        nowMs += ms;
        const amount = Math.min(want, Math.floor(bucket.available(nowMs)));
        if (amount <= 0) continue;
        bucket.take(amount);
        passed += amount;
        expect(passed).toBeLessThanOrEqual(100 + nowMs / 10 + 1e-6);
      }
    }),
    { numRuns: 300, seed: 4 },
  );
});
