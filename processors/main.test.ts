import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SystemAlarm } from '../events/alert.ts';
import type { ProcessorsReport } from '../events/health.ts';
import { encodeRecords } from '../events/record-codec.ts';
import { streams, subjects } from '../events/subjects.ts';
import { allMessages } from '../infra/bus/all-messages.ts';
import { publishConfig } from '../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../infra/bus/connection.ts';
import { createLogPublisher, type LogPublisher } from '../infra/bus/log-publisher.ts';
import { ensureStreams } from '../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../infra/config/schema.ts';
import { watchHealth } from '../infra/health/reporting.ts';
import { createLogger } from '../infra/log.ts';
import { runInflux, runNats, type NatsUnderTest, type ServerUnderTest } from '../test/running-servers.ts';
import { startProcessors } from './main.ts';

const config = configSchema.parse({
  windows: [{ name: 'second', size: '1s', lateness: '0s' }],
  rules: [{ name: 'hot', field: 'temperature', above: 60 }],
  log: { partitions: 2 },
});
const log = createLogger('test', 'silent');

let nats: NatsUnderTest;
let influx: ServerUnderTest;
let bus: Bus;
let publisher: LogPublisher;

beforeEach(async () => {
  [nats, influx] = await Promise.all([runNats(), runInflux()]);
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 2, maxBytes: 64 * 2 ** 20, replicas: 1 });
  await publishConfig(bus, 2, processingConfig(config));
  publisher = createLogPublisher(bus, { producer: 'p' });
});
afterEach(async () => {
  publisher.close();
  await bus.close();
  await Promise.all([nats[Symbol.asyncDispose](), influx[Symbol.asyncDispose]()]);
});

const start = () =>
  startProcessors({ config, bus: nats.busOptions('processors'), influx: { url: influx.url }, instance: 'p1', log });

const beganUs = Math.floor(Date.now() / 1000) * 1e6 - 60e6;

async function publish(partition: number, sequence: number, temperature: number): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ time: (beganUs + sequence * 1e6) / 1000, temperature }));
  const record = {
    kind: 'publish',
    client: 'c',
    connection: 'c1',
    packetId: sequence,
    topic: `sensors/plant1/d${partition}`,
    payload,
    qos: 1,
    retain: false,
    dup: false,
    receivedAtUs: beganUs,
  } as const;
  await publisher.publish(partition, encodeRecords([record]), sequence);
}

it('brings readings to InfluxDB and says how it stands, again after a restart', async () => {
  const reports: ProcessorsReport[] = [];
  watchHealth(bus, (report) => report.process === 'processors' && reports.push(report));
  const first = await start();
  for (let sequence = 1; sequence <= 5; sequence++)
    for (const partition of [0, 1]) await publish(partition, sequence, 40 + 10 * sequence);
  await vi.waitFor(() => expect(first.report().storages.map(({ ledger }) => ledger.stored)).toEqual([5, 5]), {
    timeout: 20_000,
  });
  await vi.waitFor(() => expect(reports.some(({ metrics }) => metrics !== undefined)).toBe(true), { timeout: 10_000 });
  await vi.waitFor(() => expect(first.report().log?.messages).toBe(12), { timeout: 10_000 });
  expect(first.report()).toMatchObject({
    readings: 10,
    windowsClosed: 8,
    influxError: '',
    workers: [
      { partition: 0, devices: 1, received: 5, pending: 0, lagMs: 0, stopped: '' },
      { partition: 1, devices: 1, received: 5, pending: 0, lagMs: 0, stopped: '' },
    ],
  });
  const names = reports.flatMap(({ metrics }) => metrics ?? []).map((metric) => (metric as { name: string }).name);
  expect(names).toContain('millrace_processors_readings_total');
  await first.stop();

  await using second = await start();
  await vi.waitFor(() => expect(second.report().workers.map(({ received }) => received)).toEqual([5, 5]));
  for (const partition of [0, 1]) await publish(partition, 6, 20);
  await vi.waitFor(() => expect(second.report().storages.map(({ ledger }) => ledger.stored)).toEqual([6, 6]), {
    timeout: 20_000,
  });
  expect(second.report()).toMatchObject({ readings: 2, windowsClosed: 2 });
  const transitions = (await allMessages(bus, streams.alerts, subjects.alerts(0))).flatMap(
    ({ data }) => JSON.parse(Buffer.from(data).toString()) as { to: string }[],
  );
  expect(transitions.map(({ to }) => to)).toEqual(['ok', 'firing', 'ok']);
});

it('raises an alarm while ingest is silent, and a later process ends it', async () => {
  const alarms = async () =>
    (await allMessages(bus, streams.alerts, subjects.alertsSystem)).flatMap(
      ({ data }) => JSON.parse(Buffer.from(data).toString()) as SystemAlarm[],
    );
  const first = await start();
  await vi.waitFor(
    () =>
      expect(first.report().alarms).toMatchObject([
        { message: expect.stringMatching(/^Ingest does not report/) as string },
      ]),
    {
      timeout: 20_000,
    },
  );
  await vi.waitFor(async () => expect(await alarms()).toMatchObject([{ code: 'INGEST_DOWN', active: true }]));
  await first.stop();
  await using second = await start();
  expect(second.report().alarms).toEqual([]);
  await vi.waitFor(async () => expect((await alarms()).at(-1)).toMatchObject({ code: 'INGEST_DOWN', active: false }));
});
