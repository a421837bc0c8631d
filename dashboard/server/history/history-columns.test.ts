import { describe, expect, it } from 'vitest';
import { addToBuckets, bucketColumns, bucketStepUs, pointColumns, textColumns } from './history-columns.ts';

const points = (...times: number[]) => times.map((timeUs) => ({ timeUs, value: timeUs / 10 }));
const bucket = (startUs: number, ...values: number[]) => ({
  startUs,
  count: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  min: Math.min(...values),
  max: Math.max(...values),
});

describe('readings', () => {
  it.each([
    ['none', [], [], []],
    ['silence just as long as the interval allows', points(10, 20), [10, 20], [1, 2]],
    ['one microsecond longer is a gap', points(10, 21), [10, 11, 21], [1, null, 2.1]],
  ])('%s', (_, given, timesUs, values) => {
    expect(pointColumns(given, 10)).toMatchObject({ timesUs, values, min: [], max: [] });
  });

  it('texts have gaps too', () => {
    const texts = [
      { timeUs: 10, text: 'open' },
      { timeUs: 30, text: 'shut' },
    ];
    expect(textColumns(texts, 10)).toMatchObject({ timesUs: [10, 11, 30], texts: ['open', null, 'shut'], values: [] });
  });
});

describe('buckets', () => {
  it.each([
    ['next to each other', [bucket(0, 1, 3), bucket(10, 4)], [0, 10], [2, 4], [1, 4], [3, 4]],
    [
      'an empty one, no longer than the interval allows',
      [bucket(0, 1), bucket(15, 4)],
      [0, 15],
      [1, 4],
      [1, 4],
      [1, 4],
    ],
    ['an empty one, longer', [bucket(0, 1), bucket(16, 4)], [0, 10, 16], [1, null, 4], [1, null, 4], [1, null, 4]],
  ])('%s', (_, buckets, timesUs, values, min, max) => {
    expect(bucketColumns(buckets, 10, 5)).toMatchObject({ timesUs, values, min, max });
  });

  it('take in what the feed brought since: into the last one, and as new ones', () => {
    const merged = addToBuckets([bucket(0, 1), bucket(10, 4, 6)], points(15, 19, 20), 10);
    expect(merged).toEqual([bucket(0, 1), bucket(10, 4, 6, 1.5, 1.9), bucket(20, 2)]);
  });

  it('are of whole milliseconds, and no more than asked for', () => {
    expect(bucketStepUs(10, 1_000)).toBe(1_000);
    expect(bucketStepUs(3_600_000_000, 1_000)).toBe(3_600_000);
    expect(bucketStepUs(3_600_000_001, 1_000)).toBe(3_601_000);
  });
});
