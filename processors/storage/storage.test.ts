import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyLedger, ledgerDifference } from '../../events/ledger.ts';
import type { Quarantined } from '../../events/quarantine.ts';
import type { DerivedReading } from '../../events/reading.ts';
import { encodeRecords } from '../../events/record-codec.ts';
import type { PublishRecord } from '../../events/record.ts';
import { buckets, streams, subjects } from '../../events/subjects.ts';
import { partitionOf } from '../../events/topics.ts';
import type { WindowResult } from '../../events/window.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createFencedWriter } from '../../infra/bus/fenced-writer.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import { createLogPublisher, type LogPublisher } from '../../infra/bus/log-publisher.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import { ensureStreams, streamInfo } from '../../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { runInflux, runNats, type NatsUnderTest, type ServerUnderTest } from '../../test/running-servers.ts';
import { connectInflux } from './influx-connection.ts';
import { queryInflux } from './influx-query.ts';
import { heldPointsMax } from './point-writer.ts';
import { startStorage, type Storage } from './storage.ts';

const partitions = 2;
const config = configSchema.parse({ log: { partitions } });
const nowMs = Date.now();

let nats: NatsUnderTest;
let influx: ServerUnderTest;
let bus: Bus;
let publisher: LogPublisher;
let batches = 0;
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
let databases = 0;

async function start(): Promise<Storage> {
  const alarms = {
    happened: vi.fn<(code: string, text: string) => void>(),
    set: vi.fn<(code: string, text: string | null) => void>(),
  };
  const log = pino({ level: 'silent' });
  storage = await startStorage({ config, bus, influx: { url: influx.url, timeoutMs: 1_000 }, partitions, log, alarms });
  return storage;
}

function publish(topic: string, payload: unknown, over: Partial<PublishRecord> = {}): PublishRecord {
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

/** Appends publishes as ingest does: a batch per partition, and at most 500 in a batch. */
async function append(...records: PublishRecord[]): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const own = records.filter(({ topic }) => partitionOf(keyOf(topic), partitions) === partition);
    for (let from = 0; from < own.length; from += 500)
      await publisher.publish(partition, encodeRecords(own.slice(from, from + 500)), ++batches);
  }
}

/** `count` readings of each of some devices, a millisecond apart, with their own times. */
function readings(devices: number, count: number, field = 'v', beginMs = nowMs): PublishRecord[] {
  return Array.from({ length: devices * count }, (_, i) =>
    publish(`sensors/s/d${i % devices}`, { time: beginMs - Math.floor(i / devices), [field]: i }),
  );
}

async function select(statement: string): Promise<Record<string, unknown>[]> {
  const { org, bucket } = config.influx;
  return queryInflux(connectInflux({ url: influx.url, org, bucket }), statement, new AbortController().signal);
}

const total = (of: Storage) => {
  const ledgers = of.report().storages.map(({ ledger }) => ledger);
  const sum = { ...emptyLedger };
  for (const ledger of ledgers) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += ledger[name];
  return sum;
};

const eventually = (check: () => void | Promise<void>, timeout = 25_000) =>
  vi.waitFor(check, { timeout, interval: 25 });

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

describe('readings', () => {
  it('are stored with the tags of their topic, and the ledger says so', async () => {
    const { ledger } = await start();
    await append(
      publish('sensors/plant1/press-7', { temperature: 91.5, on: true, state: 'run', time: nowMs }),
      publish('sensors/plant2/press-7/temperature', '20.5'),
      publish('sensors/plant1/press-7', 'no json'),
      publish('sensors/plant1/press-7', { temperature: 91.5, on: true, state: 'run', time: nowMs }),
    );
    await eventually(() =>
      expect(total(storage!)).toEqual({ ...emptyLedger, received: 4, stored: 2, quarantined: 1, duplicate: 1 }),
    );
    expect(await select("SELECT * FROM readings WHERE site = 'plant1' GROUP BY *")).toEqual([
      { device: 'press-7', site: 'plant1', time: nowMs * 1000, temperature: 91.5, on: 1, state_text: 'run' },
    ]);
    expect(await select("SELECT temperature FROM readings WHERE site = 'plant2'")).toMatchObject([
      { temperature: 20.5 },
    ]);
    expect(ledger('plant1/press-7')).toEqual({ ...emptyLedger, received: 3, stored: 1, quarantined: 1, duplicate: 1 });
    expect(ledger('plant2/press-7')).toEqual({ ...emptyLedger, received: 1, stored: 1 });
    expect(ledger('plant3/press-7')).toBeNull();
    // The worker has put what cannot be decoded into quarantine; storage only counts it.
    expect(await quarantined()).toEqual([]);
  });

  it('that come without a time in one millisecond stay apart', async () => {
    await start();
    const receivedAtUs = Date.now() * 1000;
    await append(...Array.from({ length: 300 }, (_, i) => publish('sensors/s/d/v', `${i}`, { receivedAtUs })));
    await eventually(() => expect(total(storage!).stored).toBe(300));
    expect(await select('SELECT count(v) AS n, sum(v) AS s FROM readings')).toMatchObject([{ n: 300, s: 44_850 }]);
  });

  it('that InfluxDB refuses are in quarantine, and the others stored', async () => {
    await start();
    // Somebody else has made a string of what millrace writes as a number.
    await eventually(() => expect(storage!.report().influxError).toBe(''));
    await eventually(async () => expect(await select('SHOW RETENTION POLICIES')).not.toEqual([]));
    const { org, bucket } = config.influx;
    const line = `readings,device=x odd="text" ${nowMs}000000`;
    await connectInflux({ url: influx.url, org, bucket }).send(
      'POST',
      `/write?db=${bucket}&rp=readings`,
      line,
      new AbortController().signal,
    );
    const month = 31 * 86_400_000;
    await append(
      ...readings(2, 100),
      publish('sensors/s/bad', { time: nowMs, odd: 1 }),
      publish('sensors/s/old', { time: nowMs - month, v: 1 }),
    );
    await eventually(() =>
      expect(total(storage!)).toEqual({ ...emptyLedger, received: 202, stored: 200, quarantined: 2 }),
    );
    expect(storage!.ledger('s/bad')).toEqual({ ...emptyLedger, received: 1, quarantined: 1 });
    await eventually(async () => {
      const found = await quarantined();
      expect(found.map(({ reason }) => reason).toSorted()).toEqual(['beyond-retention', 'storage-refused']);
      expect(found.find(({ reason }) => reason === 'storage-refused')).toMatchObject({
        topic: 'sensors/s/bad',
        key: 's/bad',
        client: 'c',
        detail: expect.stringContaining('field type conflict'),
        firstBytes: Buffer.from(JSON.stringify({ time: nowMs, odd: 1 })).toString('base64'),
      });
    });
  });

  it('a batch that ingest sent twice counts once', async () => {
    await start();
    const batch = encodeRecords([publish('sensors/s/d0', { time: nowMs, v: 1 })]);
    const partition = partitionOf('s/d0', partitions);
    await publisher.publish(partition, batch, 1_000_000);
    // Past JetStream's own memory of message ids, as after more than its window.
    await bus.jetstream.publish(subjects.log(partition), batch, { headers: await headersOf(partition) });
    await publisher.publish(partition, encodeRecords([publish('sensors/s/d0', { time: nowMs + 1, v: 2 })]), 1_000_001);
    await eventually(() => expect(total(storage!)).toEqual({ ...emptyLedger, received: 2, stored: 2 }));
  });
});

/** The headers of the log's last message, without its message id. */
async function headersOf(partition: number) {
  const stored = await bus.manager.streams.getMessage(streams.log, { last_by_subj: subjects.log(partition) });
  stored.header.delete('Nats-Msg-Id');
  return stored.header;
}

describe('InfluxDB away', () => {
  it.each([
    ['killed', () => influx.kill(), () => influx.restart()],
    ['hanging', async () => influx.pause(), async () => influx.resume()],
  ])(
    '%s for a while: what is held is bounded, and everything is stored afterwards',
    async (_, stop, begin) => {
      const running = await start();
      await append(...readings(10, 10, 'a'));
      await eventually(() => expect(total(running).stored).toBe(100));
      await stop();
      const count = 3 * heldPointsMax;
      await append(...readings(10, count / 10, 'b'));
      await eventually(() => expect(running.report().influxError).toMatch(/does not take writes/));
      await eventually(() => expect(total(running).inFlight).toBeGreaterThan(heldPointsMax));
      const { influxDownSinceUs, influxNextTryAtUs, storages } = running.report();
      expect(influxDownSinceUs).toBeLessThanOrEqual(Date.now() * 1000);
      expect(influxNextTryAtUs).not.toBeNull();
      for (const { ledger, lagMs } of storages) {
        expect(ledger.inFlight).toBeLessThan(heldPointsMax + 512);
        expect(ledgerDifference(ledger)).toBe(0);
        expect(lagMs).toBeGreaterThan(0);
      }
      await begin();
      await eventually(() =>
        expect(total(running)).toEqual({ ...emptyLedger, received: count + 100, stored: count + 100 }),
      );
      expect(running.report()).toMatchObject({ influxError: '', influxDownSinceUs: null, influxNextTryAtUs: null });
      expect(await select('SELECT count(b) AS n FROM readings')).toMatchObject([{ n: count }]);
    },
    60_000,
  );

  it('an InfluxDB that comes back empty gets its schema again', async () => {
    const running = await start();
    await append(...readings(1, 10, 'a'));
    await eventually(() => expect(total(running).stored).toBe(10));
    await select(`DROP DATABASE "${config.influx.bucket}"`);
    await append(...readings(1, 10, 'b'));
    await eventually(() => expect(total(running).stored).toBe(20));
    expect(await select('SELECT count(b) AS n FROM readings')).toMatchObject([{ n: 10 }]);
  });
});

describe('restart', () => {
  it('goes on where it stopped; its ledger goes on too', async () => {
    const first = await start();
    await append(...readings(5, 20), publish('sensors/s/d0', 'no json'));
    await eventually(() => expect(total(first).stored).toBe(100));
    await first.stop();
    const saved = first.positions().filter(({ stream }) => stream === streams.log);
    expect(Math.max(...saved.map(({ position }) => position))).toBe((await streamInfo(bus, streams.log)).lastSequence);
    await append(...readings(5, 10, 'w'));
    const second = await start();
    await eventually(() =>
      expect(total(second)).toEqual({ ...emptyLedger, received: 151, stored: 150, quarantined: 1 }),
    );
    expect(second.ledger('s/d0')).toEqual({ ...emptyLedger, received: 31, stored: 30, quarantined: 1 });
  });

  it('from an older checkpoint everything is written again, and nothing is there or counted twice', async () => {
    const bucket = await openBucket(bus, buckets.checkpoints);
    const names = [0, 1].map((partition) => `storage.${partition}`);
    const first = await start();
    await append(...readings(5, 20));
    await eventually(() => expect(total(first).stored).toBe(100));
    await first.stop();
    const saved = await Promise.all(names.map((name) => bucket.get(name)));

    const second = await start();
    const repeated = readings(5, 5);
    await append(...readings(5, 20, 'w'), ...repeated, publish('sensors/s/old', { time: 1e12, v: 1 }));
    const expected = { ...emptyLedger, received: 226, stored: 200, duplicate: 25, quarantined: 1 };
    await eventually(() => expect(total(second)).toEqual(expected));
    await second.stop();
    // As a kill -9 before the last checkpoint leaves it.
    for (const [i, name] of names.entries()) await bucket.put(name, saved[i]!.value);

    const third = await start();
    await eventually(() => expect(total(third)).toEqual(expected));
    expect(await select('SELECT count(v) AS v, count(w) AS w FROM readings')).toMatchObject([{ v: 100, w: 100 }]);
    expect((await quarantined()).map(({ reason }) => reason)).toEqual(['beyond-retention']);
  });

  it('nats-server killed in the middle', async () => {
    const running = await start();
    await append(...readings(5, 20));
    await eventually(() => expect(total(running).stored).toBe(100));
    await nats.restart();
    await append(...readings(5, 20, 'w'));
    await eventually(() => expect(total(running)).toEqual({ ...emptyLedger, received: 200, stored: 200 }));
  });
});

describe('results', () => {
  const origin = { partition: 0, sequence: 1, index: 0 };
  const device = { key: 'plant1/press-7', device: 'press-7', tags: { site: 'plant1' }, origin };

  it('windows are stored under the policy of their length, derived readings beside the readings', async () => {
    const hour = 3_600_000_000;
    const hourStart = Math.floor((nowMs * 1000) / hour) * hour;
    const aggregates = { count: 2, min: 1, max: 3, mean: 2, sum: 4, first: 1, last: 3, stddev: 1, revision: 0 };
    const window = (name: string, lengthUs: number): WindowResult => ({
      ...device,
      ...aggregates,
      window: name,
      field: 'temperature',
      startUs: hourStart,
      endUs: hourStart + lengthUs,
    });
    const derived: DerivedReading = { ...device, processor: 'example', timeUs: nowMs * 1000, fields: { smooth: 2.5 } };
    const windows = await createFencedWriter(bus, {
      stream: streams.windows,
      subject: subjects.windows(0),
      pendingMax: 10,
    });
    const deriveds = await createFencedWriter(bus, {
      stream: streams.derived,
      subject: subjects.derived(1),
      pendingMax: 10,
    });
    windows.write(1, [
      window('1m', 60_000_000),
      window('1h', hour),
      { ...window('1m', 60_000_000), startUs: 0, endUs: 60_000_000 },
    ]);
    deriveds.write(1, [derived]);
    const running = await start();
    const stored = {
      window: '1h',
      device: 'press-7',
      field: 'temperature',
      site: 'plant1',
      time: hourStart,
      ...aggregates,
    };
    await eventually(async () => {
      expect(await select('SELECT * FROM rollups.windows GROUP BY *')).toEqual([stored]);
      expect(await select('SELECT * FROM windows.windows GROUP BY *')).toEqual([{ ...stored, window: '1m' }]);
      expect(await select('SELECT * FROM readings GROUP BY *')).toEqual([
        { device: 'press-7', site: 'plant1', processor: 'example', time: nowMs * 1000, smooth: 2.5 },
      ]);
    });
    await running.stop();
    const positions = running.positions().filter(({ position, stream }) => position > 0 && stream !== streams.log);
    expect(positions.map(({ subject }) => subject).toSorted()).toEqual(['derived.1', 'windows.0']);
  });
});
