import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type PidFile, type PidFiles } from './pid-files.ts';

const pollMs = 50;

/**
 * Stops what a killed supervisor left running, last started first: SIGTERM, then SIGKILL after `stopTimeoutMs`. Returns
 * what it stopped.
 */
export async function stopOrphans(files: PidFiles, stopTimeoutMs: number): Promise<PidFile[]> {
  const orphans = files.alive().toReversed();
  for (const orphan of orphans) {
    if (!(await ends(orphan, 'SIGTERM', stopTimeoutMs))) await ends(orphan, 'SIGKILL', stopTimeoutMs);
    files.remove(orphan.name);
  }
  return orphans;
}

/** Sends the signal and waits; false when the process is still there after the time. */
async function ends(orphan: PidFile, signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + timeoutMs;
  try {
    if (isAlive(orphan)) process.kill(orphan.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  while (isAlive(orphan)) {
    if (Date.now() > deadlineMs) return false;
    await delay(pollMs);
  }
  return true;
}
