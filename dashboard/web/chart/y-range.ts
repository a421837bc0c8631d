/** What a chart shows of its values, kept so that it narrows late. */
export interface YRange {
  readonly low: number;
  readonly high: number;
  /** Since when a narrower one would do, ms; null while it would not. */
  readonly narrowSinceMs: number | null;
}

/** A range narrows only after this. */
export const narrowAfterMs = 30_000;
/** A threshold is kept in sight when the data is within this share of its own range of it. */
const thresholdShare = 0.25;
const padShare = 0.12;

/** The range that values and near thresholds ask for, ends on round numbers. `zero`: rates, counts and lags start at 0. */
export function wantedRange(
  low: number,
  high: number,
  thresholds: readonly number[],
  zero: boolean,
): readonly [number, number] {
  let least = zero ? Math.min(0, low) : low;
  let greatest = high;
  const isZero = least === 0 && greatest === 0;
  const span = Math.max(greatest - least, Math.abs(greatest) * 0.02, isZero ? 1 : 1e-9);
  for (const threshold of thresholds) {
    if (threshold > greatest && threshold - greatest <= reach(span, threshold)) greatest = threshold;
    if (threshold < least && least - threshold <= reach(span, threshold)) least = threshold;
  }
  const pad = Math.max(greatest - least, span) * padShare;
  const step = niceStep((greatest - least + 2 * pad) / 10);
  const bottom = zero && least >= 0 ? 0 : Math.floor((least - pad) / step) * step;
  return [round(bottom, step), round(Math.ceil((greatest + pad) / step) * step, step)];
}

/** Within 25 %: of the data's own spread, or of the threshold itself for data that hardly moves. */
function reach(span: number, threshold: number): number {
  return thresholdShare * Math.max(span, Math.abs(threshold));
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const unit = raw / power;
  return (unit <= 1 ? 1 : unit <= 2 ? 2 : unit <= 5 ? 5 : 10) * power;
}

function round(value: number, step: number): number {
  return Number(value.toFixed(Math.max(0, Math.min(12, Math.ceil(-Math.log10(step)) + 1))));
}

/** Widens at once, narrows after 30 s in which the narrower one would have done. */
export function settle(before: YRange | null, [low, high]: readonly [number, number], nowMs: number): YRange {
  if (before === null) return { low, high, narrowSinceMs: null };
  if (low < before.low || high > before.high) {
    return { low: Math.min(low, before.low), high: Math.max(high, before.high), narrowSinceMs: null };
  }
  if (low === before.low && high === before.high)
    return before.narrowSinceMs === null ? before : { low, high, narrowSinceMs: null };
  if (before.narrowSinceMs === null) return { ...before, narrowSinceMs: nowMs };
  return nowMs - before.narrowSinceMs >= narrowAfterMs ? { low, high, narrowSinceMs: null } : before;
}

/** Least and greatest of columns within [from, to]; null when there is nothing. */
export function extent(
  times: readonly number[],
  columns: readonly (readonly (number | null)[])[],
  from: number,
  to: number,
): readonly [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < times.length; i++) {
    if (times[i]! < from || times[i]! > to) continue;
    for (const column of columns) {
      const value = column[i];
      if (value === null || value === undefined) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low === Infinity ? null : [low, high];
}

/** Decimals that tell values apart which are a step from each other. */
export function stepDecimals(step: number): number {
  for (let decimals = 0; decimals < 6; decimals++) {
    if (Math.abs(step - Number(step.toFixed(decimals))) < step * 1e-6) return decimals;
  }
  return 6;
}
