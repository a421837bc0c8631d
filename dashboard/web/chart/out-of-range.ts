import type { ChartSpec } from './spec.ts';

/**
 * The values in sight that the range leaves out, oldest first: of a run of them on one side the one furthest out, of a
 * stretch that is drawn as a band its far end.
 */
export function outOfRange({
  times,
  lines,
  range,
  from,
  to,
}: Pick<ChartSpec, 'times' | 'lines' | 'range' | 'from' | 'to'>): { readonly time: number; readonly value: number }[] {
  if (range === null) return [];
  const { low, high } = range;
  const found: { time: number; value: number }[] = [];
  /** The side that the run is on: -1 below, 1 above, 0 none. */
  let side = 0;
  times.forEach((time, i) => {
    if (time < from || time > to) return;
    const known = lines.map(({ values }) => values[i]).filter((value) => typeof value === 'number');
    if (known.length === 0) return;
    const [least, greatest] = [Math.min(...known), Math.max(...known)];
    const now = greatest > high ? 1 : least < low ? -1 : 0;
    const value = now > 0 ? greatest : least;
    const last = found.at(-1);
    if (now !== 0 && (now !== side || last === undefined)) found.push({ time, value });
    else if (now !== 0 && (value - last!.value) * now > 0) found[found.length - 1] = { time, value };
    side = now;
  });
  return found;
}
