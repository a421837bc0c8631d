import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ChildSpec } from '../supervisor/child.ts';
import { loadNatsUsers, natsConfigText, type NatsUsers } from './nats-config.ts';
import { assertPortFree, freePort } from './ports.ts';
import { startServer, untilTrue, type RunningServer } from './run-server.ts';
import { canSyncAlways, type ServerBinary } from './server-binary.ts';

/** The largest message: JetStream's usual limit, four times a batch. */
const maxPayloadBytes = 2 ** 20;

export interface NatsOptions {
  binary: ServerBinary;
  /** 0 takes a free one. */
  port: number;
  /** Holds the store, the configuration and the users' passwords. */
  directory: string;
  /** Sync each write before it is acknowledged; default: where this version can. */
  syncAlways?: boolean;
}

export interface NatsChild {
  spec: ChildSpec;
  port: number;
  /** Without user and password, which each process gets on its own. */
  url: string;
  users: NatsUsers;
  /** What an acknowledged write survives. */
  durability: 'power-loss' | 'process';
}

/** Writes the configuration and describes the process; nothing is started. Rejects with PORT_TAKEN. */
export async function natsChild(options: NatsOptions): Promise<NatsChild> {
  const { binary, directory } = options;
  const port = options.port === 0 ? await freePort() : options.port;
  await assertPortFree(port, '127.0.0.1', 'MILLRACE_NATS_PORT or nats.port');
  await mkdir(directory, { recursive: true });
  const syncAlways = (options.syncAlways ?? true) && canSyncAlways(binary.version);
  const users = await loadNatsUsers(join(directory, 'users.json'));
  // The name is new each time: a server that greets with it is this one and no other.
  const serverName = `millrace-${randomBytes(8).toString('hex')}`;
  const config = join(directory, 'nats-server.conf');
  const storeDirectory = join(directory, 'store');
  await writeFile(config, natsConfigText({ serverName, port, storeDirectory, maxPayloadBytes, syncAlways, users }), {
    mode: 0o600,
  });
  return {
    spec: {
      name: 'nats-server',
      command: binary.path,
      args: ['--config', config],
      ready: ({ signal }) => untilTrue(async () => (await readServerName(port)) === serverName, signal),
      notReady: `nats-server does not answer on port ${port}, or another server does.`,
    },
    port,
    url: `nats://127.0.0.1:${port}`,
    users,
    durability: syncAlways ? 'power-loss' : 'process',
  };
}

export type RunningNats = RunningServer & Omit<NatsChild, 'spec'>;

/** Starts a server without a supervisor, as tests and tools do, and waits until it answers. */
export async function startNats(options: NatsOptions): Promise<RunningNats> {
  const { spec, ...rest } = await natsChild(options);
  return { ...rest, ...(await startServer(spec, join(options.directory, 'nats-server.log'))) };
}

/** A NATS server greets each connection with `INFO {...}`; null when nobody does. */
function readServerName(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const end = (name: string | null) => {
      socket.destroy();
      resolve(name);
    };
    socket.setTimeout(1_000, () => end(null));
    socket.once('error', () => end(null));
    socket.once('close', () => resolve(null));
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      const line = /^INFO (.*)\r\n/.exec(text)?.[1];
      if (line !== undefined) end((JSON.parse(line) as { server_name?: string }).server_name ?? null);
      else if (text.length > 64 * 1024) end(null);
    });
  });
}
