import type { FieldValue } from '../../../events/reading.ts';
import { percentileShares, type AskedAggregates, type WindowAggregates } from '../../../events/window.ts';
import type { WindowConfig } from '../../../infra/config/schema.ts';

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

type Asked = { -readonly [Name in keyof AskedAggregates]: AskedAggregates[Name] };

/**
 * What a window says of them because it is asked for, from all of them; undefined where they do not allow it.
 * @param runs the same values, those of each short window by themselves
 */
export function askedOf(
  values: readonly Value[],
  runs: readonly (readonly Value[])[],
  aggregates: WindowConfig['aggregates'],
): Asked {
  const inTime = runs.flatMap(heldOf).toSorted((a, b) => a.timeUs - b.timeUs);
  const numbers = inTime.flatMap(({ value, timeUs }) =>
    typeof value === 'string' ? [] : [{ value: Number(value), timeUs }],
  );
  const steps = numbers.slice(1).map((one, i) => ({ ...one, before: numbers[i]! }));
  const seconds = numbers.length === 0 ? 0 : (numbers.at(-1)!.timeUs - numbers[0]!.timeUs) / 1e6;
  const grown = steps.reduce((sum, { value, before }) => sum + value - (value < before.value ? 0 : before.value), 0);
  const area = steps.reduce((sum, { timeUs, before }) => sum + (before.value * (timeUs - before.timeUs)) / 1e6, 0);
  const sorted = values
    .flatMap(({ value }) => (typeof value === 'string' ? [] : [Number(value)]))
    .toSorted((a, b) => a - b);
  const asked: Asked = {};
  for (const name of aggregates) {
    if (name === 'duration') {
      // Of a short window's older half only the sums are left: which states have a name in these was for it to say.
      const isNamedApart = runs.length > 1 && runs.some(({ length }) => length > pointsMax);
      if (!isNamedApart) asked.durations = durationsOf(inTime);
    } else if (name === 'distinct') asked.distinct = new Set(values.map(({ value }) => value)).size;
    else if (sorted.length === 0) continue;
    else if (name === 'twa') asked.twa = seconds === 0 ? numbers.at(-1)!.value : area / seconds;
    else if (name === 'increase') asked.increase = grown;
    else if (name === 'rate') Object.assign(asked, seconds === 0 ? {} : { rate: grown / seconds });
    else asked[name] = sorted[Math.floor(percentileShares[name] * (sorted.length - 1))]!;
  }
  return asked;
}

/** Points of a field that a window holds. */
const pointsMax = 4_096;

/** What counts where the order of times matters: of more points the older half is closed, and takes none any more. */
function heldOf(values: readonly Value[]): readonly Value[] {
  if (values.length <= pointsMax) return values;
  const closed: Value[] = [];
  const held: Value[] = [];
  for (const one of values) {
    if (closed.length > 0 && one.timeUs < closed.at(-1)!.timeUs) continue;
    held.splice(held.findLastIndex(({ timeUs }) => timeUs <= one.timeUs) + 1, 0, one);
    if (held.length > pointsMax) closed.push(...held.splice(0, pointsMax / 2));
  }
  return [...closed, ...held];
}

/** States that have a time of their own. */
const statesMax = 32;

function durationsOf(inTime: readonly Value[]): Record<string, number> {
  const durations: Record<string, number> = {};
  for (const [i, { timeUs }] of inTime.slice(1).entries()) {
    const { value, timeUs: sinceUs } = inTime[i]!;
    if (timeUs === sinceUs) continue;
    const isNamed = Object.hasOwn(durations, String(value)) || Object.keys(durations).length < statesMax;
    const state = isNamed ? String(value) : '(other)';
    durations[state] = (durations[state] ?? 0) + (timeUs - sinceUs) / 1e6;
  }
  return durations;
}
