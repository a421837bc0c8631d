import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** A log is set aside as `<name>.log.1` when it is larger; one such predecessor is kept. */
export const logMaxBytes = 10 * 2 ** 20;

const tailMaxBytes = 8 * 1024;
const lineMaxCharacters = 300;

/**
 * Sets a log aside when it is too large. The child keeps writing to the same file (opened for appending), so the file is
 * copied and emptied; what is written between the two is lost, which a log can bear.
 */
export function rotateLog(path: string, maxBytes = logMaxBytes): boolean {
  if (!existsSync(path) || statSync(path).size <= maxBytes) return false;
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  return true;
}

/** The last lines that were written, for the person who asks why a process died. */
export function lastLines(path: string, count = 5): string[] {
  if (!existsSync(path)) return [];
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, tailMaxBytes));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const lines = tail
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return lines.slice(-count).map((line) => line.slice(0, lineMaxCharacters));
  } finally {
    closeSync(file);
  }
}
