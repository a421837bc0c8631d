import type { ChartSpec } from './spec.ts';

/** The values in sight that the range leaves out, oldest first; of a stretch that is drawn as a band its far end. */
export function outOfRange({
  times,
  lines,
  range,
  from,
  to,
}: Pick<ChartSpec, 'times' | 'lines' | 'range' | 'from' | 'to'>): { readonly time: number; readonly value: number }[] {
  if (range === null) return [];
  const found: { time: number; value: number }[] = [];
  times.forEach((time, i) => {
    if (time < from || time > to) return;
    for (const { values } of lines) {
      const value = values[i];
      if (value === null || value === undefined || (value >= range.low && value <= range.high)) continue;
      found.push({ time, value });
      return;
    }
  });
  return found;
}
