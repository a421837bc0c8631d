import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Ledger } from '../events/ledger.ts';

/** A whole Millrace as its users start it: `millrace up` with a configuration file, in a directory of its own. */

const root = resolve(import.meta.dirname, '..');
const startWithinMs = 90_000;

export type PartName = 'nats-server' | 'influxd' | 'ingest' | 'ingest-2' | 'processors' | 'processors-2' | 'dashboard';

export interface Ports {
  readonly mqtt: number;
  readonly http: number;
  readonly ingestHttp: number;
  readonly nats: number;
  readonly influx: number;
}

export interface Millrace extends AsyncDisposable {
  readonly ports: Ports;
  readonly data: string;
  readonly url: string;
  /** With it `millrace` commands mean this one. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything `up` has printed so far. */
  readonly output: () => string;
  readonly supervisorPid: () => number;
  /** Process id of a part, once it runs. */
  pidOf(part: PartName): Promise<number>;
  /** `kill -9`. With `downMs` the supervisor is held for so long, so that the part stays down. */
  kill9(part: PartName, downMs?: number): Promise<void>;
  /** `kill -9` of the supervisor alone: its children become orphans. */
  kill9Supervisor(): Promise<void>;
  /** Starts it (again) on the same data. */
  start(): Promise<void>;
  /** SIGINT, as Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
  get(path: string): Promise<unknown>;
  /** Rows of an InfluxQL query: one object per row, tags included. */
  influx(query: string): Promise<Record<string, unknown>[]>;
  ledger(): Promise<Ledger>;
}

/** Ports that were free a moment ago: bound together, so that they differ, then given back. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Waits until `probe` returns something other than null, undefined or false. Its errors count as "not yet". */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await probe();
      if (value !== null && value !== undefined && value !== false)
        return value as Exclude<T, null | undefined | false>;
      last = value;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`waited ${withinMs} ms in vain until ${what}`, { cause: last });
}

/** Runs a `millrace` command to its end. */
export async function runCommand(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'infra/cli.ts'), ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** What a supervisor that was killed has left behind, when the test failed before it was started again. */
async function killOrphans(data: string): Promise<void> {
  const directory = join(data, 'pids');
  for (const file of await readdir(directory).catch(() => [])) {
    const { pid } = JSON.parse(await readFile(join(directory, file), 'utf8')) as { pid: number };
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone, as it should be.
    }
  }
}

/** GET, over TLS too. */
function askOwn(url: string, ca?: string): Promise<{ status: number; text: string }> {
  return new Promise((done, fail) => {
    const take = (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', fail).on('end', () => done({ status: response.statusCode!, text }));
    };
    const asked = ca === undefined ? requestHttp(url, take) : requestHttps(url, { ca }, take);
    asked.on('error', fail).end();
  });
}

export function environmentFor(ports: Ports, data: string, configFile: string): Record<string, string> {
  return {
    MILLRACE_MQTT_PORT: String(ports.mqtt),
    MILLRACE_HTTP_PORT: String(ports.http),
    MILLRACE_INGEST_HTTP_PORT: String(ports.ingestHttp),
    MILLRACE_NATS_PORT: String(ports.nats),
    MILLRACE_INFLUX_PORT: String(ports.influx),
    MILLRACE_DATA: data,
    MILLRACE_CONFIG: configFile,
    NO_COLOR: '1',
  };
}

/**
 * Starts Millrace with a configuration (as in millrace.yaml) and waits until it is ready.
 * @param tls the authority of the certificates that the configuration names; its answers are then got over TLS
 */
export async function startMillrace(config: object = {}, tls?: { readonly ca: string }): Promise<Millrace> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-'));
  const [mqtt, http, ingestHttp, nats, influx] = (await freePorts(5)) as [number, number, number, number, number];
  const ports: Ports = { mqtt, http, ingestHttp, nats, influx };
  const data = join(home, 'data');
  const configFile = join(home, 'millrace.yaml');
  await writeFile(configFile, stringify(config));
  const env = environmentFor(ports, data, configFile);
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${http}`;

  let child: ChildProcess | null = null;
  let output = '';

  const start = async () => {
    const started = spawn(process.execPath, [join(root, 'infra/cli.ts'), 'up'], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    const before = output.length;
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-1_000_000)));
    await until(
      'millrace is ready',
      async () => {
        if (started.exitCode !== null) return 'exited';
        // Orphans of an earlier start answer too, until this one has stopped them.
        if (!output.slice(before).includes(url)) return false;
        return (await askOwn(`${url}/readyz`, tls?.ca)).status === 200;
      },
      startWithinMs,
    );
    if (started.exitCode !== null) throw new Error(`millrace up ended with ${started.exitCode}:\n${output}`);
  };

  const supervisorPid = () => {
    if (child?.pid === undefined) throw new Error('millrace does not run');
    return child.pid;
  };

  const pidOf = (part: PartName) =>
    until(`${part} has a pid file`, async () => {
      const { pid } = JSON.parse(await readFile(join(data, 'pids', `${part}.json`), 'utf8')) as { pid: number };
      process.kill(pid, 0);
      return pid;
    });

  const stop = async () => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  };

  const get = async (path: string): Promise<unknown> => {
    const { status, text } = await askOwn(url + path, tls?.ca);
    if (status < 200 || status > 299) throw new Error(`${path} answered ${status}: ${text}`);
    return JSON.parse(text) as unknown;
  };

  const millrace: Millrace = {
    ports,
    data,
    url,
    env,
    output: () => output,
    supervisorPid,
    pidOf,
    start,
    stop,
    get,
    async kill9(part, downMs = 0) {
      const pid = await pidOf(part);
      if (downMs > 0) process.kill(supervisorPid(), 'SIGSTOP');
      try {
        process.kill(pid, 'SIGKILL');
        if (downMs > 0) await pause(downMs); // how long it stays down is the condition itself
      } finally {
        if (downMs > 0) process.kill(supervisorPid(), 'SIGCONT');
      }
      await until(`${part} runs again`, async () => (await pidOf(part)) !== pid);
    },
    async kill9Supervisor() {
      const dying = child!;
      dying.kill('SIGKILL');
      await once(dying, 'exit');
    },
    async influx(query) {
      const target = new URL(`http://127.0.0.1:${influx}/query`);
      target.search = new URLSearchParams({ db: 'millrace', q: query, epoch: 'ns' }).toString();
      const response = await fetch(target);
      const body = (await response.json()) as {
        error?: string;
        results?: { error?: string; series?: { columns: string[]; values: unknown[][]; tags?: object }[] }[];
      };
      const problem = body.error ?? body.results?.[0]?.error;
      if (problem !== undefined) throw new Error(problem);
      return (body.results?.[0]?.series ?? []).flatMap((series) =>
        series.values.map((row) => ({
          ...series.tags,
          ...Object.fromEntries(series.columns.map((column, i) => [column, row[i]])),
        })),
      );
    },
    ledger: async () => (await get('/api/v1/ledger')) as Ledger,
    async [Symbol.asyncDispose]() {
      await stop();
      await killOrphans(data);
      await rm(home, { recursive: true, force: true });
    },
  };

  try {
    await start();
  } catch (error) {
    await millrace[Symbol.asyncDispose]();
    throw error;
  }
  return millrace;
}
