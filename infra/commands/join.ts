import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configFromEnvironment, resolvedConfigVariable } from '../config/resolved.ts';

/** Names of the services that may join a running `millrace up`. */
type Service = 'ingest' | 'processors' | 'dashboard';

/** What `up` leaves for further processes on its machine: the environment of its own children, by service. */
export type JoinFile = Readonly<Record<Service, Readonly<Record<string, string>>>>;

export const joinFile = (data: string) => join(data, 'run', 'join.json');

/** It holds passwords: only its owner reads it. */
export function writeJoinFile(path: string, file: JoinFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(file, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/**
 * The environment of a service: as it is when it says where the servers are, which `up` does for its children and an
 * operator for another machine; else completed by what the `up` of the same data directory has left.
 */
export function joinEnvironment(service: Service, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env[resolvedConfigVariable] || env['MILLRACE_NATS_URL']) return env;
  const config = configFromEnvironment(env);
  const path = joinFile(config.data);
  if (config.nats.url !== undefined || !existsSync(path)) return env;
  return { ...env, ...(JSON.parse(readFileSync(path, 'utf8')) as JoinFile)[service] };
}
