import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config/schema.ts';
import { lockDataDirectory } from '../supervisor/data-lock.ts';

/** Where `up` leaves the configuration that it runs with: free ports chosen, secrets left out. */
export const runningConfigFile = (data: string) => join(data, 'run', 'config.json');

/**
 * The configuration of the Millrace that runs on a data directory: where it listens is what `up` was told, which a
 * command in another terminal was not. Null when none runs.
 */
export function runningConfig(data: string): Config | null {
  const file = runningConfigFile(resolve(data));
  if (!existsSync(file)) return null;
  try {
    lockDataDirectory(resolve(data))();
    return null; // Nobody held the lock: what is there is of an earlier run.
  } catch {
    return JSON.parse(readFileSync(file, 'utf8')) as Config;
  }
}
