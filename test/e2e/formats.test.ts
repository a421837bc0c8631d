import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerDifference } from '../../events/ledger.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';

interface Device {
  readonly key: string;
  readonly tags: Record<string, string>;
  readonly fields: Record<string, { value: unknown; timeUs: number }>;
}

/** A payload of each format, published over MQTT, read by REST and in the database. */
describe('payload formats', () => {
  const config = {
    topics: [
      { template: 'json/{site}', format: 'json', readings: 'data', device: 'id', tags: { line: '$.line' } },
      { template: 'csv/{device}', format: 'csv', header: true },
      { template: 'senml/{device}', format: 'senml-json' },
      { profile: 'zigbee2mqtt' },
    ],
  };
  let millrace: Millrace;
  let sensor: MqttClient;

  beforeAll(async () => {
    millrace = await startMillrace(config);
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
  });

  afterAll(async () => {
    await sensor?.endAsync();
    await millrace?.[Symbol.asyncDispose]();
  });

  const device = (key: string) =>
    until(`${key} is known`, async () => {
      try {
        const answer = await millrace.get(`/api/v1/devices/${encodeURIComponent(key)}`);
        return (answer as { state: Device }).state;
      } catch {
        return false;
      }
    });

  const send = (topic: string, payload: string) => sensor.publishAsync(topic, payload, { qos: 1 });

  it.each<[topic: string, payload: string, key: string, fields: Record<string, unknown>, tags: Record<string, string>]>(
    [
      [
        'json/plant1',
        '{"line": "bake", "data": [{"id": "a", "t": 1}, {"id": "b", "t": 2}]}',
        'plant1/b',
        { t: 2 },
        { site: 'plant1', line: 'bake' },
      ],
      ['csv/logger', 't,open\n21.5,true\n', 'logger', { t: 21.5, open: true }, {}],
      ['senml/gw', '[{"bn": "press-7/", "n": "temp", "v": 80}]', 'gw/press-7', { temp: 80 }, {}],
      ['zigbee2mqtt/kitchen/lamp', '{"brightness": 215}', 'kitchen%2Flamp', { brightness: 215 }, {}],
      [
        'influx/telegraf',
        'cpu,cpu=cpu0,host=web1 idle=90\ncpu,cpu=cpu1,host=web1 idle=80',
        'telegraf/web1%2Ccpu%3Dcpu1',
        { 'cpu.idle': 80 },
        { bucket: 'telegraf', host: 'web1', cpu: 'cpu1' },
      ],
    ],
  )('%s', async (topic, payload, key, fields, tags) => {
    await send(topic, payload);
    const found = await device(key);
    expect(found).toMatchObject({ key, tags });
    expect(Object.fromEntries(Object.entries(found.fields).map(([name, { value }]) => [name, value]))).toEqual(fields);
  });

  it('all are stored, as series of their own, and the ledger adds up', async () => {
    await send('zigbee2mqtt/kitchen/lamp/set', '{"state": "OFF"}');
    await send('csv/logger', 't\n1,2\n');
    const ledger = await until('everything is counted', async () => {
      const now = await millrace.ledger();
      return now.stored === 7 && now.filtered === 1 && now.quarantined === 1 && now;
    });
    expect(ledger.received).toBe(9);
    expect(ledgerDifference(ledger)).toBe(0);
    const rows = await millrace.influx('SELECT * FROM readings');
    const cpus = rows.filter((row) => row['bucket'] === 'telegraf');
    expect(cpus.map((row) => [row['device'], row['cpu'], row['cpu.idle']]).toSorted()).toEqual([
      ['web1,cpu=cpu0', 'cpu0', 90],
      ['web1,cpu=cpu1', 'cpu1', 80],
    ]);
  });

  it('history finds a device whose tags came with the payload, and no other', async () => {
    const key = encodeURIComponent('telegraf/web1%2Ccpu%3Dcpu1');
    const now = Date.now() * 1e3;
    const path = `/api/v1/devices/${key}/history?field=cpu.idle&from=${now - 600_000_000}&to=${now}`;
    const answer = await until('the database has it', async () => {
      const found = (await millrace.get(path)) as { values: unknown[]; storedUpToUs: number | null };
      return found.storedUpToUs !== null && found;
    });
    expect(answer.values).toEqual([80]);
  });
});
