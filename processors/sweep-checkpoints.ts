import type { Checkpoints } from '../infra/bus/checkpoints.ts';
import type { Log } from '../infra/log.ts';

const sweepEveryMs = 3_600_000;

/** Removes what interrupted saves of checkpoints have left, now and once an hour, until the signal. */
export async function sweepCheckpoints(checkpoints: Checkpoints, log: Log, signal: AbortSignal): Promise<void> {
  const run = async () => {
    try {
      const removed = await checkpoints.sweep();
      if (removed > 0) log.info({ removed }, 'orphans of checkpoints were removed');
    } catch (err) {
      if (!signal.aborted) log.warn({ err }, 'orphans of checkpoints could not be looked for');
    }
  };
  const timer = setInterval(() => void run(), sweepEveryMs);
  void run();
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(timer);
}
