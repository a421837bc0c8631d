/** First and longest pause between attempts to connect. */
const firstMs = 500;
const longestMs = 15_000;

/**
 * The pause before attempt `attempt` (1 is the first after a loss), ms: it doubles up to 15 s; the upper half of it is
 * left to `random` (0..1), so that viewers of a restarted server do not all come at once.
 */
export function backoffMs(attempt: number, random: number): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 10));
  return Math.round(whole / 2 + (whole / 2) * random);
}
