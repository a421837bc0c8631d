import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { stringify } from 'yaml';
import { connectBus, type Bus } from '../infra/bus/connection.ts';
import { ensureStreams } from '../infra/bus/streams.ts';
import { freePorts, until } from './millrace.ts';
import { runNats, type NatsUnderTest } from './running-servers.ts';

const root = resolve(import.meta.dirname, '..');

/** Ingest as processes of their own beside a real nats-server, to be killed. */
export interface IngestProcesses extends AsyncDisposable {
  readonly nats: NatsUnderTest;
  readonly bus: Bus;
  /** Where the clients of a slot come in. */
  port(slot?: string): number;
  start(slot?: string): Promise<void>;
  kill9(slot?: string): Promise<void>;
  /** SIGTERM, as `up` stops it. */
  stop(slot?: string): Promise<void>;
  pid(slot?: string): number;
  client(options?: IClientOptions, slot?: string): Promise<MqttClient>;
  /** What the processes have written. */
  output(): string;
}

/** @param config as in millrace.yaml @param slots the processes that there may be */
export async function ingestProcesses(config: object = {}, slots = ['ingest']): Promise<IngestProcesses> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-ingest-'));
  const nats = await runNats();
  const bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 4, maxBytes: 64 * 2 ** 20, replicas: 1 });
  const ports = await freePorts(slots.length * 2);
  const file = join(home, 'millrace.yaml');
  await writeFile(file, stringify(config));
  const running = new Map<string, ChildProcess>();
  const clients: MqttClient[] = [];
  let output = '';
  const port = (slot = 'ingest') => ports[slots.indexOf(slot) * 2]!;
  const end = async (slot: string, signal: NodeJS.Signals) => {
    const child = running.get(slot);
    if (child === undefined) return;
    running.delete(slot);
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const { user = '', pass = '' } = nats.busOptions('', 'ingest');
  return {
    nats,
    bus,
    port,
    async start(slot = 'ingest') {
      const before = output.length;
      const child = spawn(process.execPath, [join(root, 'infra/cli.ts'), 'ingest'], {
        cwd: root,
        env: {
          ...process.env,
          MILLRACE_CONFIG: file,
          MILLRACE_DATA: home,
          MILLRACE_SLOT: slot,
          MILLRACE_NATS_URL: nats.url,
          MILLRACE_NATS_USER: user,
          MILLRACE_NATS_PASS: pass,
          MILLRACE_MQTT_PORT: String(port(slot)),
          MILLRACE_INGEST_HTTP_PORT: String(ports[slots.indexOf(slot) * 2 + 1]!),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.set(slot, child);
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
      await until(`${slot} takes sensors`, () => output.slice(before).includes('sensors may connect'), 30_000);
    },
    kill9: (slot = 'ingest') => end(slot, 'SIGKILL'),
    stop: (slot = 'ingest') => end(slot, 'SIGTERM'),
    pid: (slot = 'ingest') => running.get(slot)!.pid!,
    async client(options = {}, slot = 'ingest') {
      const client = await connectAsync(`mqtt://127.0.0.1:${port(slot)}`, { reconnectPeriod: 0, ...options });
      client.on('error', () => {}); // what a test provokes it sees by the connection's end
      clients.push(client);
      return client;
    },
    output: () => output,
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.endAsync(true);
      for (const slot of slots) await end(slot, 'SIGKILL');
      await bus.close();
      await nats[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}
