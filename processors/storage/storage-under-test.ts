import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { addLedgers, emptyLedger, type Ledger } from '../../events/ledger.ts';
import type { Quarantined } from '../../events/quarantine.ts';
import { encodeRecords } from '../../events/record-codec.ts';
import type { PublishRecord } from '../../events/record.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { partitionOf } from '../../events/topics.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createLogPublisher, type LogPublisher } from '../../infra/bus/log-publisher.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import { ensureStreams } from '../../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { runInflux, runNats, type NatsUnderTest, type ServerUnderTest } from '../../test/running-servers.ts';
import { connectInflux, type InfluxConnection } from './influx-connection.ts';
import { queryInflux } from './influx-query.ts';
import { startStorage, type Storage } from './storage.ts';

export const partitions = 2;
export const nowMs = Date.now();

export function publish(topic: string, payload: unknown, over: Partial<PublishRecord> = {}): PublishRecord {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return {
    kind: 'publish',
    client: 'c',
    connection: 'c1',
    packetId: 0,
    topic,
    payload: Buffer.from(text),
    qos: 0,
    retain: false,
    dup: false,
    receivedAtUs: Date.now() * 1000,
    ...over,
  };
}

const keyOf = (topic: string) => topic.split('/').slice(1, 3).join('/');

/** `count` readings of each of some devices, a millisecond apart, with their own times. */
export function readings(devices: number, count: number, field = 'v', beginMs = nowMs): PublishRecord[] {
  return Array.from({ length: devices * count }, (_, i) =>
    publish(`sensors/s/d${i % devices}`, { time: beginMs - Math.floor(i / devices), [field]: i }),
  );
}

/** The ledgers of all partitions together. */
export function total(storage: Storage): Ledger {
  return storage
    .report()
    .storages.map(({ ledger }) => ledger)
    .reduce(addLedgers, emptyLedger);
}

export const eventually = (check: () => void | Promise<void>, timeout = 25_000) =>
  vi.waitFor(check, { timeout, interval: 25 });

/** Storage on a nats-server of its own for each test, and an influxd for all tests of a file. */
export function storageUnderTest() {
  const config = configSchema.parse({ log: { partitions } });
  let nats: NatsUnderTest;
  let influx: ServerUnderTest;
  let bus: Bus;
  let publisher: LogPublisher;
  let batches = 0;
  let databases = 0;
  let storage: Storage | null = null;

  beforeAll(async () => {
    influx = await runInflux();
  });
  afterAll(async () => {
    await influx[Symbol.asyncDispose]();
  });
  // Each test has a log and a database of its own.
  beforeEach(async () => {
    nats = await runNats();
    bus = await connectBus(nats.busOptions('test'));
    await ensureStreams(bus, { partitions, maxBytes: 256 * 2 ** 20, replicas: 1 });
    await publishConfig(bus, partitions, processingConfig(config));
    publisher = createLogPublisher(bus, { producer: 'test' });
    config.influx.bucket = `db${++databases}`;
  });
  afterEach(async () => {
    await storage?.stop();
    storage = null;
    publisher.close();
    await bus.close();
    await nats[Symbol.asyncDispose]();
  });

  async function start(): Promise<Storage> {
    const alarms = {
      happened: vi.fn<(code: string, text: string) => void>(),
      set: vi.fn<(code: string, text: string | null) => void>(),
    };
    const log = pino({ level: 'silent' });
    storage = await startStorage({
      config,
      bus,
      influx: { url: influx.url, timeoutMs: 1_000 },
      partitions,
      log,
      alarms,
    });
    for (let partition = 0; partition < partitions; partition++) storage.begin(partition);
    return storage;
  }

  /** Appends publishes as ingest does: a batch per partition, and at most 500 in a batch. */
  async function append(...records: PublishRecord[]): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) {
      const own = records.filter(({ topic }) => partitionOf(keyOf(topic), partitions) === partition);
      for (let from = 0; from < own.length; from += 500)
        await publisher.publish(partition, encodeRecords(own.slice(from, from + 500)), ++batches);
    }
  }

  const influxConnection = (): InfluxConnection => {
    const { org, bucket } = config.influx;
    return connectInflux({ url: influx.url, org, bucket });
  };

  const select = (statement: string) => queryInflux(influxConnection(), statement, new AbortController().signal);

  async function itemsOf<T>(stream: string, subject: string): Promise<T[]> {
    const last = await lastMessage(bus, stream, subject);
    const found: T[] = [];
    if (last === null) return found;
    const signal = new AbortController().signal;
    for await (const { data, sequence } of readStream(bus, { stream, subject, after: 0, signal, onGap: () => {} })) {
      found.push(...(JSON.parse(Buffer.from(data).toString()) as T[]));
      if (sequence >= last.sequence) break;
    }
    return found;
  }

  const quarantined = async () =>
    (
      await Promise.all([0, 1].map((p) => itemsOf<Quarantined>(streams.quarantine, subjects.quarantineStorage(p))))
    ).flat();

  return {
    start,
    append,
    select,
    quarantined,
    influxConnection,
    get bus(): Bus {
      return bus;
    },
    get nats(): NatsUnderTest {
      return nats;
    },
    get influx(): ServerUnderTest {
      return influx;
    },
    get publisher(): LogPublisher {
      return publisher;
    },
    get database(): string {
      return config.influx.bucket;
    },
  };
}
