import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { listensOn } from '../servers/listeners.ts';
import { untilTrue } from '../servers/run-server.ts';
import { checkout } from '../setup/checkout.ts';
import type { ChildSpec } from '../supervisor/child.ts';
import { askDashboard, dashboardUrl } from './own-dashboard.ts';

/** What the children are told by environment, beside their own user of the log. */
export interface ChildEnvironment {
  readonly common: Readonly<Record<string, string | undefined>>;
  /** User and password of a process at a managed nats-server. */
  user(name: 'ingest' | 'processors' | 'dashboard'): Readonly<Record<string, string>>;
}

const cli = join(checkout, 'infra', 'cli.ts');
/**
 * Memory against CPU. Ingest and dashboard hold little: V8 collects when its heap has grown by 60 %, which is a fifth
 * less memory for little CPU. Processors hold the state of all devices, and going through it is what a collection costs:
 * they get a large young generation and V8's own growth: 32 MiB read a tenth more readings a second at 10,000 devices than
 * 16 MiB and a growth of 60 % (`npm run bench -- processing`), for 5 % more memory there and half as much again at 36,000/s.
 * V8 must not allocate among the old what lived long while a fleet came in: what allocates for devices then allocates for
 * readings later, and these lie there as garbage, 335 MiB of it between two collections at 100,000 devices.
 */
export const memoryFlags = {
  ingest: ['--max-semi-space-size=16', '--heap-growing-percent=60'],
  processors: ['--max-semi-space-size=32', '--no-allocation-site-pretenuring'],
  dashboard: ['--max-semi-space-size=8', '--heap-growing-percent=60'],
} as const;
export const memoryEnvironment = { MALLOC_ARENA_MAX: '2' };
/** A large fleet's state takes a while to restore. */
const readyTimeoutMs = 120_000;

/** Names of the children of one kind: `ingest`, `ingest-2`, ... */
export function childNames(service: 'ingest' | 'processors', count: number): string[] {
  return Array.from({ length: count }, (_, at) => (at === 0 ? service : `${service}-${at + 1}`));
}

/**
 * The services as processes of their own, as many as the configuration says.
 * @param run names this run of `up`: with the child's name it is the process's instance, the same over its restarts
 * @param hasReported whether the process of that pid has said something of itself
 */
export function serviceChildren(
  config: Config,
  { common, user }: ChildEnvironment,
  run: string,
  hasReported: (pid: number) => boolean,
): ChildSpec[] {
  const child = (
    service: 'ingest' | 'processors' | 'dashboard',
    name: string,
    ready: ChildSpec['ready'],
  ): ChildSpec => ({
    name,
    command: process.execPath,
    args: [...memoryFlags[service], cli, service],
    cwd: checkout,
    env: {
      ...memoryEnvironment,
      ...common,
      ...user(service),
      MILLRACE_INSTANCE: `${name}-${run}`,
      MILLRACE_SLOT: name,
    },
    ready,
    readyTimeoutMs,
  });
  const { mqtt, processes } = config;
  const listens: ChildSpec['ready'] = ({ pid, signal }) =>
    untilTrue(async () => listensOn(pid, mqtt.port) ?? hasReported(pid), signal);
  const reports: ChildSpec['ready'] = ({ pid, signal }) => untilTrue(async () => hasReported(pid), signal);
  return [
    ...childNames('ingest', processes.ingest).map((name) => child('ingest', name, listens)),
    ...childNames('processors', processes.processors).map((name) => child('processors', name, reports)),
    child('dashboard', 'dashboard', ({ signal }) =>
      untilTrue(() => answers(`${dashboardUrl(config)}/healthz`), signal),
    ),
  ];
}

async function answers(url: string): Promise<boolean> {
  try {
    await askDashboard(url, 1_000);
    return true;
  } catch {
    // Not yet: refused while it starts.
    return false;
  }
}
