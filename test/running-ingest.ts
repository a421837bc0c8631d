import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { generate, parser, type Packet } from 'mqtt-packet';
import type { z } from 'zod';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { expect, vi } from 'vitest';
import { decodeRecords } from '../events/record-codec.ts';
import type { LogRecord, PublishRecord } from '../events/record.ts';
import { connectBus, type Bus } from '../infra/bus/connection.ts';
import { readStream } from '../infra/bus/stream-reader.ts';
import { ensureStreams } from '../infra/bus/streams.ts';
import { configSchema } from '../infra/config/schema.ts';
import { createLogger, type Log } from '../infra/log.ts';
import { runNats, type NatsUnderTest } from './running-servers.ts';
import { commitLimits, type CommitLimits } from '../ingest/group-commit.ts';
import type { RefusalReason } from '../ingest/refusals.ts';
import type { Access } from '../ingest/access/identity.ts';
import { startIngest, type Ingest } from '../ingest/main.ts';

/** Ingest on free ports with a real nats-server, and what it has put into the log. For tests. */
export interface IngestUnderTest extends AsyncDisposable {
  readonly nats: NatsUnderTest;
  readonly bus: Bus;
  readonly ingest: Ingest;
  /** All records of the log so far, in its order, ticks left out. */
  readonly records: readonly LogRecord[];
  readonly ticks: () => number;
  publishes(): PublishRecord[];
  client(options?: IClientOptions): Promise<MqttClient>;
  raw(): Promise<RawClient>;
  /** A request to its HTTP port. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** A raw client whose CONNECT was accepted. */
  connected(id: string, options?: ConnectOptions): Promise<RawClient>;
  /** Waits until one more refusal is counted for the reason. */
  counted(reason: RefusalReason, act: () => unknown): Promise<void>;
}

/** Waits for a condition. */
export function eventually<T>(check: () => T | Promise<T>, timeout = 10_000): Promise<T> {
  return vi.waitFor(check, { timeout, interval: 10 });
}

export interface TestOptions {
  readonly partitions?: number;
  readonly logBytes?: number;
  /** As they are written. */
  readonly limits?: z.input<typeof configSchema>['limits'];
  readonly commit?: Partial<CommitLimits>;
  /** Parts of the configuration as they are written. */
  readonly written?: {
    readonly ingestHttp?: object;
    readonly topics?: object[];
    readonly bridges?: object[];
    readonly commands?: readonly object[];
  };
  readonly access?: Access;
  readonly log?: Log;
  /** Further settings, as in millrace.yaml. */
  readonly settings?: object;
}

export async function runIngest({
  partitions = 4,
  logBytes = 64 * 2 ** 20,
  limits = {},
  commit = {},
  written = {},
  access,
  log = createLogger('ingest', 'fatal'),
  settings = {},
}: TestOptions = {}): Promise<IngestUnderTest> {
  const nats = await runNats();
  const bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions, maxBytes: logBytes, replicas: 1 });
  const config = configSchema.parse({
    log: { partitions },
    limits,
    ...written,
    mqtt: { port: 0, tls: 0 },
    ingestHttp: { ...written.ingestHttp, port: 0 },
    ...settings,
  });
  const ingest = await startIngest(
    {
      config,
      bus: nats.busOptions('ingest', 'ingest'),
      instance: 'ingest-1',
      log,
      ...(access === undefined ? {} : { access }),
    },
    { ...commitLimits, ...commit },
  );
  const ended = new AbortController();
  const records: LogRecord[] = [];
  let ticks = 0;
  const reading = (async () => {
    const options = { stream: 'LOG', subject: 'log.*', after: 0, signal: ended.signal, onGap: () => {} };
    for await (const { data } of readStream(bus, options))
      for (const record of decodeRecords(data)) {
        if (record.kind === 'tick') ticks++;
        else records.push(record);
      }
  })();
  const clients: MqttClient[] = [];
  const raws: RawClient[] = [];
  const open = async () => {
    const client = await RawClient.open(ingest.mqttPort);
    raws.push(client);
    return client;
  };
  return {
    nats,
    bus,
    ingest,
    records,
    ticks: () => ticks,
    publishes: () => records.filter((record) => record.kind === 'publish'),
    async client(options = {}) {
      const client = await connectAsync(`mqtt://127.0.0.1:${ingest.mqttPort}`, { reconnectPeriod: 0, ...options });
      client.on('error', () => {}); // what a test provokes it sees by the connection's end
      clients.push(client);
      return client;
    },
    raw: open,
    request: (path, init) => fetch(`http://127.0.0.1:${ingest.httpPort}${path}`, init),
    async connected(id, options = {}) {
      const client = await open();
      client.send(connectPacket(id, options));
      await eventually(() => expect(client.received('connack')).toMatchObject([{ returnCode: 0 }]));
      return client;
    },
    async counted(reason, act) {
      const before = ingest.report().refused[reason]!;
      await act();
      await eventually(() => expect(ingest.report().refused[reason]).toBeGreaterThan(before));
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.endAsync(true);
      for (const client of raws) client.socket.destroy();
      await ingest.stop();
      ended.abort();
      await reading;
      await bus.close();
      await nats[Symbol.asyncDispose]();
    },
  };
}

/** A client that says exactly what a test wants, however wrong. */
export class RawClient {
  readonly socket: Socket;
  /** Packets received. */
  readonly packets: Packet[] = [];
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    const reading = parser({ protocolVersion: 4 });
    reading.on('packet', (packet) => this.packets.push(packet));
    socket.on('data', (chunk) => reading.parse(chunk));
    socket.on('error', () => {}); // a reset is one way to be closed
    socket.on('close', () => (this.closed = true));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connectSocket(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(...packets: (Packet | Uint8Array)[]): void {
    const bytes = packets.map((packet) => (packet instanceof Uint8Array ? packet : generate(packet)));
    this.socket.write(Buffer.concat(bytes));
  }

  /** What it received of one kind. */
  received<C extends Packet['cmd']>(cmd: C): Extract<Packet, { cmd: C }>[] {
    return this.packets.filter((packet): packet is Extract<Packet, { cmd: C }> => packet.cmd === cmd);
  }
}

type ConnectOptions = Partial<Extract<Packet, { cmd: 'connect' }>>;

export function connectPacket(clientId: string, options: ConnectOptions = {}): Packet {
  return { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60, clientId, ...options };
}

export function publishPacket(
  topic: string,
  payload: string | Buffer,
  options: { qos?: 0 | 1 | 2; messageId?: number; dup?: boolean; retain?: boolean } = {},
): Packet {
  return { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false, ...options };
}
