import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extent, narrowAfterMs, settle, stepDecimals, wantedRange } from './y-range.ts';

describe('wantedRange', () => {
  it('holds the values with room around them', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        (low, spread) => {
          const [bottom, top] = wantedRange(low, low + spread, [], false);
          expect(bottom).toBeLessThan(low + 1e-9);
          expect(top).toBeGreaterThan(low + spread - 1e-9);
          expect(top).toBeGreaterThan(bottom);
        },
      ),
    );
  });

  it('rates start at 0', () => expect(wantedRange(4700, 4900, [], true)[0]).toBe(0));

  it('keeps a near threshold in sight, not a far one', () => {
    expect(wantedRange(70, 74, [85], false)[1]).toBeGreaterThan(85);
    expect(wantedRange(20, 24, [85], false)[1]).toBeLessThan(40);
    expect(wantedRange(5, 6, [4.5], false)[0]).toBeLessThan(4.5);
  });
});

describe('settle', () => {
  const start = settle(null, [0, 100], 0);

  it('widens at once', () => expect(settle(start, [0, 120], 1)).toEqual({ low: 0, high: 120, narrowSinceMs: null }));

  it('narrows after 30 s in which the narrower one would have done', () => {
    let range = settle(start, [0, 50], 1_000);
    expect(range).toMatchObject({ low: 0, high: 100 });
    range = settle(range, [0, 50], 1_000 + narrowAfterMs - 1);
    expect(range.high).toBe(100);
    range = settle(range, [0, 50], 1_000 + narrowAfterMs);
    expect(range).toEqual({ low: 0, high: 50, narrowSinceMs: null });
  });

  it('a value that needs the room starts the 30 s anew', () => {
    let range = settle(start, [0, 50], 1_000);
    range = settle(range, [0, 100], 20_000);
    range = settle(range, [0, 50], 1_000 + narrowAfterMs);
    expect(range.high).toBe(100);
  });
});

it('extent looks within the range only, past nulls', () => {
  expect(extent([1, 2, 3], [[5, null, 900]], 1, 2)).toEqual([5, 5]);
  expect(
    extent(
      [1, 2, 3],
      [
        [5, null, 9],
        [null, 7, 1],
      ],
      1,
      3,
    ),
  ).toEqual([1, 9]);
  expect(extent([1], [[null]], 0, 9)).toBeNull();
});

it.each([
  [500, 0],
  [1, 0],
  [0.5, 1],
  [0.25, 2],
  [0.001, 3],
])('labels %s apart have %s decimals', (step, decimals) => expect(stepDecimals(step)).toBe(decimals));
