import { join } from 'node:path';
import { MillraceError } from '../errors.ts';
import { tryLock } from '../setup/pid-lock.mjs';

/**
 * Makes this process the only Millrace on a data directory, which it creates. Throws ALREADY_RUNNING and
 * DATA_NOT_WRITABLE; returns what gives it free.
 */
export function lockDataDirectory(dataDirectory: string): () => void {
  const lock = tryLockIn(dataDirectory);
  if ('release' in lock) return () => lock.release();
  throw new MillraceError(
    'ALREADY_RUNNING',
    `Millrace already runs on ${dataDirectory} (pid ${lock.holderPid}). Stop it first, or set MILLRACE_DATA to another directory.`,
  );
}

function tryLockIn(dataDirectory: string): ReturnType<typeof tryLock> {
  try {
    return tryLock(join(dataDirectory, 'millrace.lock'));
  } catch (cause) {
    const why = (cause as Error).message;
    throw new MillraceError(
      'DATA_NOT_WRITABLE',
      `The data directory ${dataDirectory} cannot be written (${why}). Make it writable, or set MILLRACE_DATA to another directory.`,
      { cause },
    );
  }
}
