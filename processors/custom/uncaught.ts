import { config as rxjs } from 'rxjs';
import { culprit } from './attribution.ts';

/** What became of a failure that nobody caught. */
export interface Uncaught {
  /** The processor that was stopped for it; null: it belongs to none. */
  readonly processor: string | null;
  readonly error: unknown;
}

/**
 * Sees to it that a custom processor's failure outside of its answers (a rejected promise, a timer, a subscription of
 * its own) stops that processor, not the process. A failure that is no processor's is handed on as the reason to end:
 * who cannot say what went wrong does not go on.
 * @param onUncaught told of each; `processor: null` for those that are nobody's
 * @returns ends it
 */
export function watchUncaught(onUncaught: (uncaught: Uncaught) => void): () => void {
  const take = (error: unknown, how: string) => {
    const processor = culprit();
    processor?.fail(`${how}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
    onUncaught({ processor: processor?.name ?? null, error });
  };
  const rejected = (error: unknown) => take(error, 'a promise of its own was rejected and nobody handled it');
  const thrown = (error: unknown) => take(error, 'it threw where nobody could catch it');
  process.on('unhandledRejection', rejected);
  process.on('uncaughtException', thrown);
  rxjs.onUnhandledError = thrown;
  return () => {
    process.off('unhandledRejection', rejected);
    process.off('uncaughtException', thrown);
    rxjs.onUnhandledError = null;
  };
}
