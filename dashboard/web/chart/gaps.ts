/** A stretch without readings: from the last reading before it to the next one after it. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** The gaps that nulls mark in a column. What comes before the first or after the last value is none. */
export function gapsOf(times: readonly number[], values: readonly unknown[]): Gap[] {
  const gaps: Gap[] = [];
  let last: number | null = null;
  let open = false;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) {
      open = last !== null;
      continue;
    }
    if (open && last !== null) gaps.push({ from: last, to: times[i]! });
    open = false;
    last = times[i]!;
  }
  return gaps;
}
