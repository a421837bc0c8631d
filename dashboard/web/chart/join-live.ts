import type { HistoryAnswer } from '../../../events/api.ts';

/** A value that came over the live feed. */
export interface LivePoint {
  readonly timeUs: number;
  readonly value: number;
}

/** Columns of one field, strictly rising in time. `min` and `max` are null where a point is a single reading. */
export interface Trace {
  readonly timesUs: number[];
  readonly values: (number | null)[];
  readonly min: (number | null)[];
  readonly max: (number | null)[];
}

type History = Pick<HistoryAnswer, 'kind' | 'stepUs' | 'timesUs' | 'values' | 'min' | 'max' | 'gapUs' | 'upToUs'>;

/**
 * History with the live feed behind it, without a gap or a double point at the seam: what the history holds (up to
 * `upToUs`) is taken from it alone; later live points follow in the order of time, each time once. Between two points
 * further apart than `gapUs` stands a null. Among buckets, live points are gathered into buckets of the same length.
 */
export function joinLive(history: History, live: readonly LivePoint[]): Trace {
  const trace: Trace = {
    timesUs: [...history.timesUs],
    values: [...history.values],
    min: history.kind === 'raw' ? history.values.map(() => null) : [...history.min],
    max: history.kind === 'raw' ? history.values.map(() => null) : [...history.max],
  };
  const upToUs = history.upToUs ?? -Infinity;
  const later = live.filter(({ timeUs }) => timeUs > upToUs).toSorted((a, b) => a.timeUs - b.timeUs);
  let lastUs = upToUs;
  for (const { timeUs, value } of later) {
    if (timeUs === lastUs) continue;
    if (lastUs !== -Infinity && timeUs - lastUs > history.gapUs) pushGap(trace, lastUs + 1);
    if (history.kind === 'buckets' && history.stepUs !== null) addToBucket(trace, timeUs, value, history.stepUs);
    else push(trace, timeUs, value, null);
    lastUs = timeUs;
  }
  return trace;
}

function push(trace: Trace, timeUs: number, value: number, edge: number | null): void {
  trace.timesUs.push(timeUs);
  trace.values.push(value);
  trace.min.push(edge);
  trace.max.push(edge);
}

function pushGap(trace: Trace, timeUs: number): void {
  const last = trace.timesUs.at(-1);
  if (trace.values.length === 0 || trace.values.at(-1) === null) return;
  trace.timesUs.push(Math.max(timeUs, last! + 1));
  trace.values.push(null);
  trace.min.push(null);
  trace.max.push(null);
}

/** The mean of a bucket that history began is not known in numbers of readings: it is moved halfway, until it is loaded anew. */
function addToBucket(trace: Trace, timeUs: number, value: number, stepUs: number): void {
  const startUs = Math.floor(timeUs / stepUs) * stepUs;
  const last = trace.timesUs.length - 1;
  const lastUs = trace.timesUs[last] ?? -Infinity;
  if (lastUs < startUs) return push(trace, startUs, value, value);
  if (trace.values[last] === null) return push(trace, Math.max(startUs, lastUs + 1), value, value);
  trace.values[last] = (trace.values[last]! + value) / 2;
  trace.min[last] = Math.min(trace.min[last] ?? value, value);
  trace.max[last] = Math.max(trace.max[last] ?? value, value);
}
