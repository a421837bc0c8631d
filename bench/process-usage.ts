import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a process has used so far. */
export interface Usage {
  readonly cpuMs: number;
  /** The most memory it ever had, MiB. */
  readonly peakMiB: number;
}

/** Clock ticks per second in /proc: always 100 on Linux as its ABI has it. */
const ticksPerS = 100;

/** The pids of a running Millrace by name, from its pid files and its own. */
export function processesOf(dataDirectory: string): ReadonlyMap<string, number> {
  const directory = join(dataDirectory, 'pids');
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((file) => {
      const { name, pid } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { name: string; pid: number };
      return [name, pid];
    }),
  );
}

/** Null where there is no /proc. */
export function usageOf(pid: number): Usage | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name, which may hold spaces: utime and stime are fields 14 and 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return {
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerS,
    peakMiB: Math.round(Number(peak?.[1] ?? 0) / 1024),
  };
}
