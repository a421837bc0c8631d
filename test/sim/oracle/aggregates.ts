import type { FieldValue } from '../../../events/reading.ts';
import type { WindowAggregates } from '../../../events/window.ts';

/** A value with its event time, in the order of the log. */
export interface Value {
  readonly value: FieldValue;
  readonly timeUs: number;
}

const nothing = { min: null, max: null, mean: null, sum: null, first: null, last: null, stddev: null };

/** What a window says of the values of a field, computed from all of them. Texts count, and say nothing else. */
export function aggregatesOf(values: readonly Value[]): WindowAggregates {
  const numbers = values
    .filter(({ value }) => typeof value !== 'string')
    .map(({ value, timeUs }) => ({ value: Number(value), timeUs }));
  if (numbers.length === 0) return { count: values.length, ...nothing };
  // Stable: at one time the order of the log decides.
  const inTime = numbers.toSorted((a, b) => a.timeUs - b.timeUs);
  const plain = numbers.map(({ value }) => value);
  const sum = plain.reduce((a, b) => a + b, 0);
  const mean = sum / plain.length;
  return {
    count: values.length,
    min: Math.min(...plain),
    max: Math.max(...plain),
    mean,
    sum,
    first: inTime[0]!.value,
    last: inTime.at(-1)!.value,
    stddev: Math.sqrt(plain.reduce((a, b) => a + (b - mean) ** 2, 0) / plain.length),
  };
}
