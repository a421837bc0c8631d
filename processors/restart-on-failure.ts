import { setTimeout as wait } from 'node:timers/promises';
import { MillraceError, type ErrorCode } from '../infra/errors.ts';

/** Trying again would not help, or would harm: another process has the place, or what is there cannot be read. */
const finalCodes: readonly ErrorCode[] = ['FENCED', 'LOG_FORMAT', 'LOG_GAP', 'CHECKPOINT_UNREADABLE'];

const restartAfterMs = 5_000;

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
  for (;;) {
    try {
      await task(signal);
      return;
    } catch (cause) {
      if (signal.aborted) return;
      onFailure(cause instanceof Error ? cause.message : String(cause), cause);
      if (cause instanceof MillraceError && finalCodes.includes(cause.code)) return;
    }
    await wait(restartAfterMs, undefined, { signal }).catch(() => {
      // Only the abort, which the next line sees, ends the wait early.
    });
    if (signal.aborted) return;
    onFailure('', null);
  }
}
