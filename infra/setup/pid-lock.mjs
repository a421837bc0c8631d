// An exclusive lock as a file that names its holder: pid and the time that process started, so that a recycled pid is
// not taken for the holder. It outlives a crash as a file only: the next to come sees that the holder is gone.
import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { processStart } from './process-start.mjs';

/** How often a waiting process looks whether the holder is gone. */
const pollMs = 200;

/**
 * Takes the lock at `path` if it is free.
 * @returns {{release: () => void} | {holderPid: number}}
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const own = JSON.stringify({ pid: process.pid, start: processStart(process.pid) });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, own, { mode: 0o600 });
  try {
    for (;;) {
      try {
        // A link appears with its content or not at all, which open-then-write does not offer.
        linkSync(draft, path);
        return { release: () => unlinkIf(path, own) };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const held = readHolder(path);
      if (held === undefined) continue;
      if (isAlive(held.holder)) return { holderPid: held.holder.pid };
      removeStale(path, held.text);
    }
  } finally {
    unlinkSync(draft);
  }
}

/** Runs `work` while holding the lock, waiting for it as long as its holder lives; `onWait` gets the holder's pid. */
export async function withLock(path, onWait, work) {
  for (;;) {
    const lock = tryLock(path);
    if ('release' in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    onWait(lock.holderPid);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function readHolder(path) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return { text, holder: JSON.parse(text) };
  } catch {
    // Not written by this module (a link has its whole content): nobody's lock.
    return { text, holder: { pid: 0, start: '' } };
  }
}

function isAlive({ pid, start }) {
  return pid > 0 && processStart(pid) === start && start !== undefined;
}

/** Moves a dead holder's file away; when another process was quicker, what was moved is theirs and is put back. */
function removeStale(path, text) {
  const moved = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, moved);
    if (readFileSync(moved, 'utf8') !== text) linkSync(moved, path);
    unlinkSync(moved);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
}

function unlinkIf(path, text) {
  const held = readHolder(path);
  if (held?.text === text) unlinkSync(path);
}
