import { join } from 'node:path';
import { MillraceError } from '../errors.ts';
import { tryLock } from '../setup/pid-lock.mjs';

/** Makes this process the only Millrace on a data directory. Throws ALREADY_RUNNING; returns what gives it free. */
export function lockDataDirectory(dataDirectory: string): () => void {
  const lock = tryLock(join(dataDirectory, 'millrace.lock'));
  if ('release' in lock) return () => lock.release();
  throw new MillraceError(
    'ALREADY_RUNNING',
    `Millrace already runs on ${dataDirectory} (pid ${lock.holderPid}). Stop it first, or set MILLRACE_DATA to another directory.`,
  );
}
