import { readFile } from 'node:fs/promises';

/** How often files are read, ms: links that are swung to another folder tell no watcher. */
const pollMs = 1_000;

/**
 * Reads files and tells when their content has changed and is the same at two looks: a pair of files is not taken
 * between the writing of the one and of the other.
 * @param onChange gets contents in the order of the files, or why one cannot be read; each state once
 * @returns the end of it
 */
export function watchFiles(
  files: readonly string[],
  initial: readonly string[],
  onChange: (contents: readonly string[] | Error) => void,
  everyMs = pollMs,
): () => void {
  let told = stateOf(initial);
  let seen = told;
  let isReading = false;
  const look = async () => {
    if (isReading) return;
    isReading = true;
    const found = await readAll(files);
    isReading = false;
    const state = stateOf(found);
    if (state === seen && state !== told && !stopped) {
      told = state;
      onChange(found);
    }
    seen = state;
  };
  let stopped = false;
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

async function readAll(files: readonly string[]): Promise<readonly string[] | Error> {
  try {
    return await Promise.all(files.map((file) => readFile(file, 'utf8')));
  } catch (error) {
    return error as Error;
  }
}

function stateOf(found: readonly string[] | Error): string {
  return found instanceof Error ? `error ${found.message}` : JSON.stringify(found);
}
