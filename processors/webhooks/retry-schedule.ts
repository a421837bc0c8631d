const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long after the attempt before each attempt is made, ms: the schedule of Standard Webhooks. */
export const attemptDelaysMs: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** A delay is lengthened by up to this share, so that deliveries that failed together do not come back together. */
const jitterShare = 0.2;

/** Longer waits that a receiver asks for are cut to this. */
const retryAfterMaxMs = 24 * hour;

/** Longer than all attempts take: a delivery still waiting then, behind older ones of its alert, has come too late. */
export const deliveryLifeMs = attemptDelaysMs.reduce((sum, delay) => sum + delay, 0) * (1 + jitterShare) + hour;

/** What one attempt gave. */
export interface AttemptResult {
  /** HTTP status; null without an answer. */
  readonly status: number | null;
  /** Why it failed, as a sentence; empty for 2xx. */
  readonly error: string;
  /** What the receiver asked for; null if it did not. */
  readonly retryAfterMs: number | null;
  readonly durationMs: number;
}

export type Decision =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** `gone`: the receiver wants no more of any alert (410). */
  | { readonly kind: 'dead-letter'; readonly gone: boolean };

/**
 * What follows from an attempt. Only 2xx is success; a redirect is a failure like any other.
 * @param attempt 1 for the first
 * @param random from 0 to 1
 */
export function decide(result: AttemptResult, attempt: number, random: number): Decision {
  if (result.status !== null && result.status >= 200 && result.status < 300) return { kind: 'delivered' };
  if (result.status === 410) return { kind: 'dead-letter', gone: true };
  const delayMs = attemptDelaysMs[attempt];
  if (delayMs === undefined) return { kind: 'dead-letter', gone: false };
  const asked = Math.min(result.retryAfterMs ?? 0, retryAfterMaxMs);
  return { kind: 'retry', delayMs: Math.round(Math.max(delayMs, asked) * (1 + jitterShare * random)) };
}

/** The header `Retry-After`, seconds or an HTTP date, in ms from now; null if it is absent or neither. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d+$/.test(value.trim())) return Number(value.trim()) * second;
  // Other texts, such as "-5", are dates to Date.parse as well.
  const atMs = /^[A-Z][a-z]{2}, .* GMT$/.test(value.trim()) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
