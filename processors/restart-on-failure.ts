import { setTimeout as wait } from 'node:timers/promises';
import { MillraceError, type ErrorCode } from '../infra/errors.ts';

/** Trying again would not help: what is there cannot be read. */
const finalCodes: readonly ErrorCode[] = ['LOG_FORMAT', 'LOG_GAP', 'CHECKPOINT_UNREADABLE'];

/**
 * What a killed process had sent may be stored after its successor has looked where a subject stands, which fences the
 * successor once. Whoever is fenced so often in a row has a living rival, and leaves it the place.
 */
const fencedMax = 3;
/** A run of at least this length counts as a success: what failed before it is forgotten. */
export const goodRunMs = 60_000;

/** Decides after each failure whether to try again. */
export class Failures {
  #fenced = 0;

  /** @param ranMs how long the run that failed had lasted. @returns true when the failure is final */
  areFinal(cause: unknown, ranMs: number): boolean {
    if (ranMs >= goodRunMs) this.#fenced = 0;
    if (!(cause instanceof MillraceError)) return false;
    if (cause.code === 'FENCED') return ++this.#fenced >= fencedMax;
    return finalCodes.includes(cause.code);
  }
}

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
  const failures = new Failures();
  for (;;) {
    const beganMs = performance.now();
    try {
      await task(signal);
      return;
    } catch (cause) {
      if (signal.aborted) return;
      onFailure(cause instanceof Error ? cause.message : String(cause), cause);
      if (failures.areFinal(cause, performance.now() - beganMs)) return;
    }
    await wait(restartAfterMs, undefined, { signal }).catch(() => {
      // Only the abort, which the next line sees, ends the wait early.
    });
    if (signal.aborted) return;
    onFailure('', null);
  }
}
