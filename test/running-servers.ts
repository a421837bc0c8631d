import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BusOptions } from '../infra/bus/connection.ts';
import { startInflux } from '../infra/servers/influxd.ts';
import type { NatsUserName } from '../infra/servers/nats-config.ts';
import { startNats } from '../infra/servers/nats-server.ts';
import { resolveServer } from '../infra/servers/resolve-server.ts';
import type { RunningServer } from '../infra/servers/run-server.ts';

/** A real server on a free port with a directory of its own, for tests that hurt it. */
export interface ServerUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** `kill -9`; resolves when it is gone. Its data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `kill -9` if it still runs. */
  restart(): Promise<void>;
  /** SIGSTOP: it holds its connections and answers nothing. */
  pause(): void;
  resume(): void;
}

export interface NatsUnderTest extends ServerUnderTest {
  /** How to connect to it; as a user who may do everything unless another is named. */
  busOptions(name: string, user?: NatsUserName): BusOptions;
}

export async function runNats(): Promise<NatsUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-nats-'));
  const binary = await resolveServer('nats-server');
  const start = (port: number) => startNats({ binary, port, directory, syncAlways: false });
  const first = await start(0);
  const { url, port, users } = first;
  return {
    url,
    port,
    busOptions: (name, user = 'admin') => ({ url, name, ...users[user] }),
    ...control(first, () => start(port), directory),
  };
}

export async function runInflux(): Promise<ServerUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-influx-'));
  const binary = await resolveServer('influxd');
  const start = (port: number) => startInflux({ binary, port, directory });
  const first = await start(0);
  const { url, port } = first;
  return { url, port, ...control(first, () => start(port), directory) };
}

function control(
  first: RunningServer,
  start: () => Promise<RunningServer>,
  directory: string,
): Pick<ServerUnderTest, 'kill' | 'restart' | 'pause' | 'resume' | typeof Symbol.asyncDispose> {
  let server: RunningServer | null = first;
  const kill = async () => {
    if (server === null) return;
    server.kill('SIGKILL');
    await server.stop();
    server = null;
  };
  return {
    kill,
    async restart() {
      await kill();
      server = await start();
    },
    pause: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
