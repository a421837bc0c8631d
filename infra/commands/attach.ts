import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Bus, type BusOptions, connectBus } from '../bus/connection.ts';
import { ensureStreams } from '../bus/streams.ts';
import type { Config } from '../config/schema.ts';
import { demoDataDirectory } from '../demo/plant.ts';
import { MillraceError } from '../errors.ts';
import { loadNatsUsers } from '../servers/nats-config.ts';
import { prepare } from '../setup/prepare.ts';
import { runningConfigFile } from './running-config.ts';
import { lockDataDirectory } from '../supervisor/data-lock.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { withLogBounds } from '../up/log-bounds.ts';
import { describeServers, natsDirectory } from '../up/servers.ts';

/** A command's way to the servers of a pipeline: those that run, or its own until it ends. */
export interface Attached extends AsyncDisposable {
  readonly bus: Bus;
  readonly busOptions: BusOptions;
  readonly influx: { readonly url: string; readonly token?: string };
  /** The configuration that the running pipeline was started with; null when the servers are this command's own. */
  readonly running: Config | null;
}

/**
 * Finds the servers of a data directory: by what `up` has left in it while it runs, else starts the managed ones that
 * are needed; those that run elsewhere are connected to.
 * @throws LOG_UNAVAILABLE, and what starting servers throws
 */
export async function attach(config: Config, name: string, needs: readonly 'influxd'[] = []): Promise<Attached> {
  const data = resolve(config.data);
  let release: () => void;
  try {
    release = lockDataDirectory(data);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'ALREADY_RUNNING') return attachToRunning(data, name);
    throw error;
  }
  const supervisor = createSupervisor({ dataDir: data });
  const end = async () => {
    await supervisor.stop();
    release();
  };
  try {
    await supervisor.reapOrphans();
    return await startServers({ ...config, data }, name, needs, supervisor, end);
  } catch (error) {
    await end();
    throw withOtherDirectory(error, data);
  }
}

/** Its ports are taken, its data directory is not: most likely by a Millrace on another one, such as the demo's. */
function withOtherDirectory(error: unknown, data: string): unknown {
  if (!(error instanceof MillraceError) || error.code !== 'PORT_TAKEN') return error;
  const hint = `Nothing runs on ${data}. If a Millrace runs on another directory, name that with --data (the demo: --data ${demoDataDirectory}).`;
  return new MillraceError('PORT_TAKEN', `${error.message} ${hint}`, { cause: error });
}

async function attachToRunning(data: string, name: string): Promise<Attached> {
  const file = runningConfigFile(data);
  if (!existsSync(file))
    throw new MillraceError(
      'LOG_UNAVAILABLE',
      `The Millrace on ${data} is still starting. Try again when it is ready.`,
    );
  const running = JSON.parse(readFileSync(file, 'utf8')) as Config;
  const busOptions: BusOptions = { name, ...(await natsOf(running, data)) };
  return attached(
    busOptions,
    running.influx.url ?? `http://127.0.0.1:${running.influx.port}`,
    running,
    running,
    async () => {},
  );
}

async function natsOf(running: Config, data: string): Promise<Omit<BusOptions, 'name'>> {
  if (running.nats.url !== undefined) return { url: running.nats.url, ...credentials() };
  const { user, pass } = (await loadNatsUsers(join(natsDirectory(data), 'users.json'))).admin;
  return { url: `nats://127.0.0.1:${running.nats.port}`, user, pass };
}

function credentials(): Pick<BusOptions, 'user' | 'pass'> {
  const { MILLRACE_NATS_USER: user, MILLRACE_NATS_PASS: pass = '' } = process.env;
  return user === undefined ? {} : { user, pass };
}

async function startServers(
  given: Config,
  name: string,
  needs: readonly 'influxd'[],
  supervisor: ReturnType<typeof createSupervisor>,
  end: () => Promise<void>,
): Promise<Attached> {
  const wanted = [...(given.nats.url ? [] : (['nats-server'] as const)), ...(given.influx.url ? [] : needs)];
  const { nats, influx } = given;
  const prepared = await prepare({
    servers: wanted,
    configured: {
      ...(nats.binary === undefined ? {} : { 'nats-server': nats.binary }),
      ...(influx.binary === undefined ? {} : { influxd: influx.binary }),
    },
  });
  const config = await withLogBounds(given, given.data, natsDirectory(given.data));
  // One that is not needed is not described: it may not even be there.
  const elsewhere = { ...config, influx: { ...influx, url: influx.url ?? 'http://127.0.0.1:0' } };
  const servers = await describeServers(needs.includes('influxd') ? config : elsewhere, given.data, prepared);
  for (const spec of servers.children) await supervisor.start(spec);
  const { partitions, maxBytes, dedupeWindow } = config.log;
  const opened = await attached({ ...servers.bus, name }, servers.influxUrl, config, null, end);
  await ensureStreams(opened.bus, {
    partitions,
    maxBytes: maxBytes!,
    replicas: nats.replicas,
    dedupeWindowMs: dedupeWindow,
  });
  return opened;
}

async function attached(
  busOptions: BusOptions,
  influxUrl: string,
  { influx }: Config,
  running: Config | null,
  end: () => Promise<void>,
): Promise<Attached> {
  const bus = await connectBus(busOptions);
  return {
    bus,
    busOptions,
    influx: { url: influxUrl, ...(influx.token === undefined ? {} : { token: influx.token }) },
    running,
    async [Symbol.asyncDispose]() {
      await bus.close();
      await end();
    },
  };
}
