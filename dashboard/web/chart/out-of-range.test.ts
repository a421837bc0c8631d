import { expect, it } from 'vitest';
import { outOfRange } from './out-of-range.ts';

const line = (...values: (number | null)[]) => ({ values, color: '--s1' as const, width: 1 });
const range = { low: 0, high: 100 };
const seen = (lines: ReturnType<typeof line>[], more: object = {}) =>
  outOfRange({ times: [1, 2, 3, 4], lines, range, from: 1, to: 4, ...more }).map(({ time, value }) => [time, value]);

it.each([
  ['its ends are in it', [line(0, 100, 50, null)], []],
  [
    'above and below',
    [line(100.1, 5, -1, null)],
    [
      [1, 100.1],
      [3, -1],
    ],
  ],
  [
    'of a band the far end',
    [line(90, 90, 90, 90), line(91, 130, 95, 96), line(1, 1, -5, 1)],
    [
      [2, 130],
      [3, -5],
    ],
  ],
] as const)('%s', (_, lines, expected) => expect(seen([...lines])).toEqual(expected));

it('only in sight, and nothing without a range', () => {
  expect(seen([line(200, 200, 201, 202)], { from: 2, to: 3 })).toEqual([[3, 201]]);
  expect(seen([line(200, 200, 200, 200)], { range: null })).toEqual([]);
});
