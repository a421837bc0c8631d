import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerDifference } from '../../events/ledger.ts';
import { startMillrace, until, type Millrace, type PartName } from '../millrace.ts';
import { expectedTransitions, expectedWindows, parseAcknowledged, type Acknowledged } from './load.ts';

const devices = 20;
const readingsPerDevice = 1_500;
const windowUs = 60_000_000;
/** Shorter than the time that a part stays down below, so that JetStream has forgotten the batch's id. */
const dedupeWindow = '2s';
const downMs = 3_000;

/** `kill -9` of each part in the middle of a QoS 1 load (promises P1 and P4). */
describe('kill -9 of every process', () => {
  let millrace: Millrace;
  let directory: string;
  let acknowledged: Acknowledged[];
  const notified: { id: string; type: string; subject: string; time: number }[] = [];

  const receiver = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const event = JSON.parse(body) as { id: string; type: string; subject: string; data: { time: number } };
      notified.push({ id: event.id, type: event.type, subject: event.subject, time: event.data.time });
      response.writeHead(204).end();
    });
  });

  beforeAll(async () => {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    millrace = await startMillrace({
      windows: [{ name: '1m', size: '1m', lateness: '0s', idle: '10s' }],
      rules: [{ name: 'too-hot', field: 'temperature', above: 85, clear: 80 }],
      webhooks: [{ name: 'ops', url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/` }],
      log: { dedupeWindow },
    });
    directory = await mkdtemp(join(tmpdir(), 'millrace-load-'));
    const file = join(directory, 'acknowledged');
    // On a minute, so that the last window of each device is whole; within alerts.maxAge and the clock's limits.
    const startUs = Math.floor(Date.now() / 60_000 - 40) * windowUs;
    const load = spawn(
      process.execPath,
      [
        join(import.meta.dirname, 'load-client.ts'),
        ...[millrace.ports.mqtt, devices, readingsPerDevice, startUs].map(String),
        file,
      ],
      { stdio: 'inherit' },
    );
    const ended = once(load, 'exit') as Promise<[number | null]>;
    const total = devices * readingsPerDevice;
    const lines = async () => parseAcknowledged(await readFile(file, 'utf8')).length;

    const faults: { at: number; part: PartName; downMs: number }[] = [
      { at: 0.1, part: 'ingest', downMs: 0 },
      { at: 0.2, part: 'processors', downMs: 0 },
      { at: 0.3, part: 'nats-server', downMs: 0 },
      { at: 0.4, part: 'influxd', downMs: 0 },
      { at: 0.5, part: 'ingest', downMs },
      { at: 0.6, part: 'processors', downMs },
      { at: 0.7, part: 'nats-server', downMs },
      { at: 0.8, part: 'influxd', downMs },
    ];
    for (const fault of faults) {
      await until(`${fault.at * 100} % are acknowledged`, async () => (await lines()) >= fault.at * total);
      if (load.exitCode !== null) throw new Error('the load ended before all parts were killed');
      await millrace.kill9(fault.part, fault.downMs);
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(`the load ended with ${code}`);
    acknowledged = parseAcknowledged(await readFile(file, 'utf8'));
  }, 240_000);

  afterAll(async () => {
    await millrace?.[Symbol.asyncDispose]();
    receiver.close();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  it('every acknowledged reading is in InfluxDB, once and with its value', async () => {
    expect(acknowledged).toHaveLength(devices * readingsPerDevice);
    const stored = await until('InfluxDB holds as many readings as were acknowledged', async () => {
      const rows = await millrace.influx(`SELECT temperature, device FROM readings WHERE site = 'plant1'`);
      return rows.length >= acknowledged.length && rows;
    });
    const line = (device: string, timeUs: number, value: number) => `${device} ${timeUs} ${value}`;
    const expected = acknowledged.map(({ device, timeUs, value }) => line(device, timeUs, value));
    const found = stored.map((row) => line(String(row.device), Number(row.time) / 1_000, Number(row.temperature)));
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  it("window results equal the oracle's", async () => {
    const expected = expectedWindows(acknowledged, windowUs);
    const rows = await until('all windows are closed and stored', async () => {
      const found = await millrace.influx(`SELECT * FROM "windows"."windows" WHERE "window" = '1m'`);
      return found.length >= expected.length && found;
    });
    const text = (device: string, startUs: number, values: unknown[]) =>
      `${device} ${startUs} ${values.map((value) => Number(value).toFixed(6)).join(' ')}`;
    expect(
      rows
        .map((row) =>
          text(String(row.device), Number(row.time) / 1_000, [
            row.count,
            row.sum,
            row.min,
            row.max,
            row.first,
            row.last,
          ]),
        )
        .toSorted(),
    ).toEqual(
      expected.map((w) => text(w.device, w.startUs, [w.count, w.sum, w.min, w.max, w.first, w.last])).toSorted(),
    );
  });

  it('no rule transition is missing or doubled, and each is notified', async () => {
    const expected = expectedTransitions(acknowledged);
    expect(expected.length).toBeGreaterThan(devices);
    const kind = (type: string) => type.split('.').at(-1)!;
    await until(
      'each transition was delivered',
      () => new Set(notified.map((event) => event.id)).size >= expected.length,
    );
    // Delivery is at least once: the stable id makes repeats recognisable.
    const told = new Map(notified.map((event) => [event.id, event]));
    expect(
      [...told.values()].map((event) => `${event.subject.split('/')[1]} ${event.time} ${kind(event.type)}`).toSorted(),
    ).toEqual(expected);
  });

  it('the ledger is balanced, and nothing is in flight', async () => {
    const ledger = await until('nothing is in flight', async () => {
      const now = await millrace.ledger();
      return now.inFlight === 0 && now;
    });
    expect(ledger).toMatchObject({ stored: acknowledged.length, quarantined: 0 });
    expect(ledgerDifference(ledger)).toBe(0);
  });
});
