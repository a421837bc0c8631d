import { setTimeout as wait } from 'node:timers/promises';
import { MillraceError, type ErrorCode } from '../infra/errors.ts';

/** Trying again would not help: what is there cannot be read. */
const finalCodes: readonly ErrorCode[] = ['LOG_FORMAT', 'LOG_GAP', 'CHECKPOINT_UNREADABLE'];

/** A run of at least this length counts as a success: how often it failed before is forgotten. */
export const goodRunMs = 60_000;

/**
 * Whether it is of no use to try again. FENCED is: as long as the lease is held, what fenced was on its way from the
 * holder before, and the next run begins after it. When the lease is lost, its signal ends the runs.
 */
export function isFinal(cause: unknown): boolean {
  return cause instanceof MillraceError && finalCodes.includes(cause.code);
}

const restartAfterMs = 5_000;
/** What the holder before had on its way is there by now. */
const restartAfterFencedMs = 500;

/**
 * Runs a task that begins from what it has saved, again after each failure, until the signal is aborted or a
 * failure is final.
 * @param onFailure told why it stopped, as a sentence; an empty one when it runs again
 */
export async function restartOnFailure(
  task: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  onFailure: (why: string, cause: unknown) => void,
): Promise<void> {
  for (let delayMs = restartAfterMs; ; delayMs = restartAfterMs) {
    try {
      await task(signal);
      return;
    } catch (cause) {
      if (signal.aborted) return;
      onFailure(cause instanceof Error ? cause.message : String(cause), cause);
      if (isFinal(cause)) return;
      if (cause instanceof MillraceError && cause.code === 'FENCED') delayMs = restartAfterFencedMs;
    }
    await wait(delayMs, undefined, { signal }).catch(() => {
      // Only the abort, which the next line sees, ends the wait early.
    });
    if (signal.aborted) return;
    onFailure('', null);
  }
}
