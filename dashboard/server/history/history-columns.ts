import type { HistoryAnswer } from '../../../events/api.ts';

/** One point or bucket: its time, and for buckets what is in it. */
export interface Point {
  readonly timeUs: number;
  readonly value: number;
}
export interface Bucket {
  readonly startUs: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

type Columns = Pick<HistoryAnswer, 'timesUs' | 'values' | 'min' | 'max' | 'texts'>;

/** A step in which at most `points` buckets cover the span: whole milliseconds, at least one. */
export function bucketStepUs(spanUs: number, points: number): number {
  return Math.max(1, Math.ceil(spanUs / points / 1_000)) * 1_000;
}

/** Puts later readings into the buckets they belong to. */
export function addToBuckets(buckets: readonly Bucket[], points: readonly Point[], stepUs: number): readonly Bucket[] {
  const result = [...buckets];
  for (const { timeUs, value } of points) {
    const startUs = Math.floor(timeUs / stepUs) * stepUs;
    const last = result.at(-1);
    if (last !== undefined && last.startUs >= startUs) {
      const { count, sum, min, max } = last;
      const merged = { count: count + 1, sum: sum + value, min: Math.min(min, value), max: Math.max(max, value) };
      result[result.length - 1] = { startUs: last.startUs, ...merged };
    } else result.push({ startUs, count: 1, sum: value, min: value, max: value });
  }
  return result;
}

/** Readings as columns; a null right after a reading that was followed by silence longer than `gapUs`. */
export function pointColumns(points: readonly Point[], gapUs: number): Columns {
  const timesUs: number[] = [];
  const values: (number | null)[] = [];
  for (const [index, { timeUs, value }] of points.entries()) {
    const before = points[index - 1];
    if (before !== undefined && timeUs - before.timeUs > gapUs) {
      timesUs.push(before.timeUs + 1);
      values.push(null);
    }
    timesUs.push(timeUs);
    values.push(value);
  }
  return { timesUs, values, min: [], max: [], texts: [] };
}

/**
 * Buckets (or windows) as columns. Between the end of one and the start of the next lies silence of at least their
 * distance; longer than `gapUs` it is a gap, marked at the end of the earlier one.
 */
export function bucketColumns(buckets: readonly Bucket[], stepUs: number, gapUs: number): Columns {
  const timesUs: number[] = [];
  const values: (number | null)[] = [];
  const min: (number | null)[] = [];
  const max: (number | null)[] = [];
  for (const [index, bucket] of buckets.entries()) {
    const before = buckets[index - 1];
    if (before !== undefined && bucket.startUs - before.startUs - stepUs > gapUs) {
      timesUs.push(before.startUs + stepUs);
      for (const column of [values, min, max]) column.push(null);
    }
    timesUs.push(bucket.startUs);
    values.push(bucket.sum / bucket.count);
    min.push(bucket.min);
    max.push(bucket.max);
  }
  return { timesUs, values, min, max, texts: [] };
}

/** Texts as columns, with gaps like `pointColumns`. */
export function textColumns(
  points: readonly { readonly timeUs: number; readonly text: string }[],
  gapUs: number,
): Columns {
  const timesUs: number[] = [];
  const texts: (string | null)[] = [];
  for (const [index, { timeUs, text }] of points.entries()) {
    const before = points[index - 1];
    if (before !== undefined && timeUs - before.timeUs > gapUs) {
      timesUs.push(before.timeUs + 1);
      texts.push(null);
    }
    timesUs.push(timeUs);
    texts.push(text);
  }
  return { timesUs, values: [], min: [], max: [], texts };
}
