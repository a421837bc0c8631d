import type { Log } from '../infra/log.ts';

const sweepEveryMs = 3_600_000;

/**
 * Removes what interrupted saves of checkpoints have left, and kept ones that are of no more use, now and once an hour,
 * until the signal.
 */
export async function sweepCheckpoints(sweep: () => Promise<number>, log: Log, signal: AbortSignal): Promise<void> {
  const run = async () => {
    try {
      const removed = await sweep();
      if (removed > 0) log.info({ removed }, 'checkpoints that nobody needs were removed');
    } catch (err) {
      if (!signal.aborted) log.warn({ err }, 'checkpoints that nobody needs could not be looked for');
    }
  };
  const timer = setInterval(() => void run(), sweepEveryMs);
  void run();
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(timer);
}
