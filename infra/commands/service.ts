import { flushCompileCache } from 'node:module';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { BusOptions } from '../bus/connection.ts';
import { configFromEnvironment } from '../config/resolved.ts';
import type { Config } from '../config/schema.ts';
import { MillraceError } from '../errors.ts';
import { createLogger, type Log } from '../log.ts';
import { joinEnvironment } from './join.ts';
import { listenForStop } from '../supervisor/stop-signals.ts';

export type ServiceName = 'ingest' | 'processors' | 'dashboard';

/** What every service is started with. */
export interface ServiceOptions {
  readonly config: Config;
  readonly bus: BusOptions;
  readonly influx: { readonly url: string; readonly token?: string };
  /** Tells processes of one kind apart. */
  readonly instance: string;
  /** Names the process over its restarts, and those of `up`. */
  readonly slot: string;
  /** What an acknowledged write survives. */
  readonly durability: 'power-loss' | 'process';
  /** Lets `up` read the dashboard where people need a password. */
  readonly token?: string;
  readonly log: Log;
}

export interface Service {
  /** Ends in order: what is in hand is finished or left to the log. */
  stop(): Promise<void>;
  /** Rejects when the service cannot go on and has to be started anew. */
  readonly failed?: Promise<never>;
}

/** Runs one service until a signal stops it. What it reads of the environment is set by `up`. */
export async function runService(
  name: ServiceName,
  start: (options: ServiceOptions) => Promise<Service>,
): Promise<void> {
  const log = createLogger(name);
  const signals = listenForStop();
  const options = serviceOptions(name, joinEnvironment(name, process.env), log);
  const service = await start(options);
  log.info('started');
  // Node keeps compiled code at an orderly end only; a crash is when the next start is in a hurry.
  flushCompileCache();
  await Promise.race([signals.first, service.failed ?? signals.first]);
  signals.onSecondInterrupt(() => process.exit(130));
  await service.stop();
  log.info('stopped');
  signals.dispose();
}

/** The machine's name as a part of subjects and keys. */
function host(): string {
  return hostname().replaceAll(/[^A-Za-z0-9_-]/g, '-');
}

/** @throws CONFIG_INVALID, LOG_UNAVAILABLE or STORAGE_UNAVAILABLE when the environment lacks something. */
function serviceOptions(name: ServiceName, env: NodeJS.ProcessEnv, log: Log): ServiceOptions {
  const config = configFromEnvironment(env);
  const natsUrl = env['MILLRACE_NATS_URL'] ?? config.nats.url;
  const influxUrl = env['MILLRACE_INFLUX_URL'] ?? config.influx.url;
  if (natsUrl === undefined)
    throw new MillraceError('LOG_UNAVAILABLE', `${name} needs a NATS server: set MILLRACE_NATS_URL or nats.url.`);
  if (influxUrl === undefined && name !== 'ingest')
    throw new MillraceError('STORAGE_UNAVAILABLE', `${name} needs an InfluxDB: set MILLRACE_INFLUX_URL or influx.url.`);
  const user = env['MILLRACE_NATS_USER'];
  return {
    config,
    bus: { url: natsUrl, name, ...(user === undefined ? {} : { user, pass: env['MILLRACE_NATS_PASS'] ?? '' }) },
    influx: { url: influxUrl ?? '', ...(config.influx.token === undefined ? {} : { token: config.influx.token }) },
    instance: env['MILLRACE_INSTANCE'] || `${name}-${host()}-${process.pid}-${randomBytes(2).toString('hex')}`,
    slot: env['MILLRACE_SLOT'] || `${name}-${host()}`,
    durability: env['MILLRACE_DURABILITY'] === 'power-loss' ? 'power-loss' : 'process',
    ...(env['MILLRACE_DASHBOARD_TOKEN'] ? { token: env['MILLRACE_DASHBOARD_TOKEN'] } : {}),
    log,
  };
}
