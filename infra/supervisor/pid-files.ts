import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStart } from '../setup/process-start.mjs';

/** A child as its supervisor wrote it down. Pid and start time together name one process for ever. */
export interface PidFile {
  name: string;
  pid: number;
  start: string;
  /** How many children were started before it: they are stopped in the reverse order. */
  order: number;
}

/** The children of a data directory, on disk, so that the next supervisor finds what a killed one left running. */
export interface PidFiles {
  write(name: string, pid: number, order: number): void;
  remove(name: string): void;
  /** Those still alive, in the order of their start; files of others are removed. */
  alive(): PidFile[];
}

export function pidFiles(dataDirectory: string): PidFiles {
  const directory = join(dataDirectory, 'pids');
  const path = (name: string) => join(directory, `${name}.json`);
  return {
    write: (name, pid, order) => {
      const start = processStart(pid);
      if (start === undefined) return; // Gone already: nothing to find later.
      mkdirSync(directory, { recursive: true });
      const file: PidFile = { name, pid, start, order };
      writeFileSync(`${path(name)}.new`, JSON.stringify(file), { mode: 0o600 });
      renameSync(`${path(name)}.new`, path(name));
    },
    remove: (name) => rmSync(path(name), { force: true }),
    alive: () => {
      if (!existsSync(directory)) return [];
      const names = readdirSync(directory).filter((entry) => entry.endsWith('.json'));
      const files = names.map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as PidFile);
      for (const file of files) if (!isAlive(file)) rmSync(path(file.name), { force: true });
      return files.filter(isAlive).toSorted((a, b) => a.order - b.order);
    },
  };
}

/** Whether this very process still runs, and not another that got its pid. */
export function isAlive({ pid, start }: Pick<PidFile, 'pid' | 'start'>): boolean {
  return processStart(pid) === start;
}
