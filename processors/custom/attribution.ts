import { AsyncLocalStorage } from 'node:async_hooks';
import type { Reading } from '../../events/reading.ts';

/** A custom processor that can be stopped for what it left behind. */
export interface Attributed {
  /** Its name in the configuration. */
  readonly name: string;
  /** What it was given when it began this; null at its start. */
  readonly reading: Reading | null;
  /** Stops it; it stays so until its file has changed. */
  fail(message: string): void;
}

/**
 * Which processor's code began what runs now. A promise that is rejected, or a timer that throws, long after the
 * reading that led to it, still belongs to the processor that made it. Nothing is computed from it: it is asked only
 * when something has failed that nobody caught.
 */
const running = new AsyncLocalStorage<Attributed>();

/** Runs a processor's code on its account. */
export function attributed<T>(processor: Attributed, run: () => T): T {
  return running.run(processor, run);
}

/** Called where an unhandled rejection or exception is seen: the processor whose it is, null when it is nobody's. */
export function culprit(): Attributed | null {
  return running.getStore() ?? null;
}
