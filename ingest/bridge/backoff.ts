const firstMs = 500;
const longestMs = 30_000;

/**
 * How long to wait before the so many-th try to connect in a row (from 1), ms: doubled each time up to half a minute.
 * @param chance 0 to 1: spreads those who lost the same broker at the same time over the second half of the time
 */
export function backoffMs(attempt: number, chance: number): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 16));
  return Math.round(whole / 2 + (whole / 2) * chance);
}
