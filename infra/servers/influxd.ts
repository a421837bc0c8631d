import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildSpec } from '../supervisor/child.ts';
import { influxConfigText } from './influx-config.ts';
import { listensOn } from './listeners.ts';
import { assertPortFree, freePort } from './ports.ts';
import { startServer, untilTrue, type RunningServer } from './run-server.ts';
import type { ServerBinary } from './server-binary.ts';

/** Replaying a large write-ahead log takes a while. */
const readyTimeoutMs = 120_000;

export interface InfluxOptions {
  binary: ServerBinary;
  /** 0 takes a free one. */
  port: number;
  /** Holds the store and the configuration. */
  directory: string;
}

export interface InfluxChild {
  spec: ChildSpec;
  port: number;
  url: string;
}

/** Writes the configuration and describes the process; nothing is started. Rejects with PORT_TAKEN. */
export async function influxChild(options: InfluxOptions): Promise<InfluxChild> {
  const { binary, directory } = options;
  const port = options.port === 0 ? await freePort() : options.port;
  await assertPortFree(port, '127.0.0.1', 'MILLRACE_INFLUX_PORT or influx.port');
  await mkdir(directory, { recursive: true });
  const config = join(directory, 'influxd.conf');
  await writeFile(config, influxConfigText({ port, directory }), { mode: 0o600 });
  const url = `http://127.0.0.1:${port}`;
  return {
    spec: {
      name: 'influxd',
      command: binary.path,
      args: ['-config', config],
      env: withoutInfluxVariables(),
      ready: ({ pid, signal }) => untilTrue(async () => listensOn(pid, port) !== false && (await answers(url)), signal),
      readyTimeoutMs,
      notReady:
        `influxd did not answer within ${readyTimeoutMs / 1000} s of its start. A power cut can leave its store so: ` +
        `move ${directory} away and start again, and storage is rebuilt from the log.`,
    },
    port,
    url,
  };
}

export type RunningInflux = RunningServer & Omit<InfluxChild, 'spec'>;

/** Starts a server without a supervisor, as tests and tools do, and waits until it answers. */
export async function startInflux(options: InfluxOptions): Promise<RunningInflux> {
  const { spec, ...rest } = await influxChild(options);
  return { ...rest, ...(await startServer(spec, join(options.directory, 'influxd.log'))) };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1_000) });
    return response.status === 204;
  } catch {
    // Not yet: refused while it starts.
    return false;
  }
}

/** Variables such as INFLUXDB_HTTP_BIND_ADDRESS would override the file. */
function withoutInfluxVariables(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('INFLUXDB_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
