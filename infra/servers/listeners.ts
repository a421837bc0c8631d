import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Who listens on a TCP port, as far as this user may see. */
export interface Listener {
  pid: number;
  name: string;
}

/** Best effort: null where there is no /proc, or where the process belongs to somebody else. */
export function findListener(port: number): Listener | null {
  const inodes = listeningSockets(port);
  if (inodes.size === 0) return null;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || !holdsSocket(Number(entry), inodes)) continue;
    return { pid: Number(entry), name: programOf(entry) };
  }
  return null;
}

/** The program's file: a process may call itself otherwise (Node's is `MainThread`). */
function programOf(entry: string): string {
  try {
    return basename(readlinkSync(`/proc/${entry}/exe`));
  } catch {
    return readFileSync(`/proc/${entry}/comm`, 'utf8').trim();
  }
}

/** Whether this very process listens on the port; null where there is no /proc to tell. */
export function listensOn(pid: number, port: number): boolean | null {
  return existsSync('/proc/net/tcp') ? holdsSocket(pid, listeningSockets(port)) : null;
}

/** Inodes of the sockets that listen on a port, from the table of proc(5): local address, state 0A, tenth field. */
function listeningSockets(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    if (!existsSync(table)) continue;
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === '0A' && fields[1]?.endsWith(suffix)) inodes.add(fields[9]!);
    }
  }
  return inodes;
}

function holdsSocket(pid: number, inodes: Set<string>): boolean {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).some((fd) => {
      const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${fd}`));
      return match !== null && inodes.has(match[1]!);
    });
  } catch {
    // Gone meanwhile, a descriptor closed meanwhile, or somebody else's process.
    return false;
  }
}
