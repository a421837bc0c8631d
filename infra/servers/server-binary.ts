import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const versionTimeoutMs = 10_000;

export type ServerName = 'nats-server' | 'influxd';

/** A server program that ran and told its version, such as `2.15.1`. */
export interface ServerBinary {
  name: ServerName;
  path: string;
  version: string;
}

const versionArguments: Record<ServerName, string[]> = { 'nats-server': ['--version'], influxd: ['version'] };
const versionPatterns: Record<ServerName, RegExp> = {
  'nats-server': /nats-server: v?(\d+\.\d+\.\d+)/,
  influxd: /InfluxDB v?(\d+\.\d+\.\d+)/,
};

/** Runs the program for its version; null when it does not run here or is something else. */
export async function readVersion(name: ServerName, path: string): Promise<ServerBinary | null> {
  try {
    const { stdout, stderr } = await run(path, versionArguments[name], { timeout: versionTimeoutMs });
    const version = versionPatterns[name].exec(stdout + stderr)?.[1];
    return version === undefined ? null : { name, path, version };
  } catch {
    // Absent, not executable, built for another machine or another libc: all of these mean "not this one".
    return null;
  }
}

/** Whether a version such as `2.10.27` is at least `wanted`. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i++) if (a![i] !== b![i]) return a![i]! > b![i]!;
  return true;
}

/** From 2.10.27 on each write can be synced to the disk and what was acknowledged survives power loss. */
export function canSyncAlways(natsVersion: string): boolean {
  return isAtLeast(natsVersion, '2.10.27');
}
