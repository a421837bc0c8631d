import { describe, expect, it } from 'vitest';
import { advanceSpark, sparkRuns } from './spark.ts';

const spark = { field: 'temperature', stepUs: 10, endUs: 100, points: [1, 2, 3] };

describe('advanceSpark', () => {
  it.each([
    ['into the last bucket', 95, [1, 2, 9], 100],
    ['at its very beginning', 90, [1, 2, 9], 100],
    ['into the next one', 100, [1, 2, 3, 9], 110],
    ['past empty ones', 125, [1, 2, 3, null, null, 9], 130],
    ['too old', 89, [1, 2, 3], 100],
  ])('%s', (_, timeUs, points, endUs) => expect(advanceSpark(spark, timeUs, 9)).toEqual({ ...spark, points, endUs }));

  it('never grows past its length', () => {
    const long = advanceSpark(spark, 1e9, 9);
    expect(long.points.length).toBe(60);
    expect(long.points.at(-1)).toBe(9);
    expect(long.points.slice(0, -1).every((value) => value === null)).toBe(true);
  });
});

describe('sparkRuns', () => {
  it('a gap parts two lines', () =>
    expect(sparkRuns([1, 2, null, 3], 100, 20).map((run) => run.length)).toEqual([2, 1]));
  it('one value lies in the middle', () => expect(sparkRuns([5, 5], 100, 20)[0]!.map(([, y]) => y)).toEqual([10, 10]));
  it('nothing is nothing', () => expect(sparkRuns([null, null], 100, 20)).toEqual([]));
});
