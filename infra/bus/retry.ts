import { setTimeout as wait } from 'node:timers/promises';
import type { Bus } from './connection.ts';
import { isTransient, unavailable } from './jetstream-errors.ts';

const firstDelayMs = 50;
const delayMaxMs = 1_000;

/** How long to wait before the given retry (1 is the first). */
export function retryDelayMs(attempt: number): number {
  return Math.min(firstDelayMs * 2 ** (attempt - 1), delayMaxMs);
}

/** Waits, or throws the signal's reason. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : error;
  });
}

/**
 * Repeats a call that changes nothing (or the same thing again) until it gets a clear answer.
 * @throws LOG_UNAVAILABLE when the server refuses or the bus is closed, the signal's reason when aborted.
 */
export async function untilAnswered<T>(
  bus: Bus,
  what: string,
  call: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    await bus.whenConnected(signal);
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error)) throw unavailable(what, error);
    }
    await pause(retryDelayMs(attempt), signal);
  }
}
