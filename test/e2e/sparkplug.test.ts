import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerDifference } from '../../events/ledger.ts';
import { readSparkplug, writeSparkplug, type SparkplugMetric } from '../../infra/sparkplug/payload.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';

/** An edge node as Sparkplug describes it, against the whole pipeline. */
describe('a Sparkplug edge node', () => {
  const group = 'plant1';
  const node = 'edge-1';
  const [double, boolean, int64] = [10, 11, 4];
  const config = {
    topics: [{ profile: 'sparkplug' }],
    commands: [
      { template: 'spBv1.0/{group}/NCMD/{device}', format: 'sparkplug' },
      { template: 'spBv1.0/{group}/DCMD/{node}/{device}', format: 'sparkplug' },
    ],
  };
  let millrace: Millrace;
  let edge: MqttClient;
  let sequence = 0;
  /** Each message is of a millisecond of its own. */
  let nowMs = Date.now() - 10_000;

  const topic = (message: string, device?: string) =>
    `spBv1.0/${group}/${message}/${node}${device === undefined ? '' : `/${device}`}`;
  const payload = (metrics: readonly SparkplugMetric[], seq?: number) =>
    Buffer.from(writeSparkplug({ timestamp: ++nowMs, metrics, ...(seq === undefined ? {} : { seq }) }));
  const session = { name: 'bdSeq', datatype: int64, longValue: 0 };
  const send = (message: string, metrics: readonly SparkplugMetric[], device?: string) =>
    edge.publishAsync(topic(message, device), payload(metrics, sequence++ % 256), { qos: 0 });
  const births = async () => {
    sequence = 0;
    await send('NBIRTH', [session, { name: 'Node Control/Rebirth', datatype: boolean, booleanValue: false }]);
    await send('DBIRTH', [{ name: 'temperature', alias: 1, datatype: double, doubleValue: 20 }], 'press-7');
  };
  const temperature = (value: number) => send('DDATA', [{ alias: 1, doubleValue: value }], 'press-7');
  const stored = (query: string) => millrace.influx(query);

  beforeAll(async () => {
    millrace = await startMillrace(config);
    edge = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, {
      clientId: 'edge',
      will: { topic: topic('NDEATH'), payload: payload([session]), qos: 1, retain: false },
    });
    await edge.subscribeAsync([topic('NCMD'), topic('DCMD', '#')], { qos: 1 });
  });

  afterAll(async () => {
    await edge?.endAsync();
    await millrace?.[Symbol.asyncDispose]();
  });

  it('that sends data before its birth is asked for it; what comes after is stored by name', async () => {
    const commands: [string, Buffer][] = [];
    edge.on('message', (to, bytes) => commands.push([to, bytes]));
    await temperature(19);
    const [commandTopic, command] = await until('it is asked', () => commands[0]);
    expect(commandTopic).toBe(topic('NCMD'));
    expect(command.includes('Node Control/Rebirth')).toBe(true);

    await births();
    await temperature(85);
    const rows = await until('the value is stored', async () => {
      const found = await stored(`SELECT temperature, online FROM readings WHERE device = 'edge-1/press-7'`);
      return found.some((row) => row['temperature'] === 85) && found;
    });
    expect(rows.map((row) => [row['temperature'], row['online']])).toEqual([
      [20, 1],
      [85, null],
    ]);
  });

  it('gets commands for its devices, which its PUBACK acknowledges; other hosts give none', async () => {
    const commands: [string, Buffer][] = [];
    edge.on('message', (to, bytes) => commands.push([to, bytes]));
    const url = `${millrace.url}/api/v1/devices/${encodeURIComponent('plant1/edge-1/press-7')}/commands`;
    const body = JSON.stringify({ id: 'c1', command: 'set', json: { temperature: { type: 'Double', value: 60 } } });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(202);
    const [to, bytes] = await until('it comes', () => commands[0]);
    expect(to).toBe(topic('DCMD', 'press-7'));
    expect(readSparkplug(bytes)).toMatchObject({ uuid: 'c1', metrics: [{ name: 'temperature', doubleValue: 60 }] });
    await until('it is acknowledged', async () => {
      const answer = (await (await fetch(`${url}/c1`)).json()) as { state: string };
      return answer.state === 'acknowledged';
    });

    const host = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, { reconnectPeriod: 0 });
    const closed = new Promise<void>((resolve) => host.once('close', () => resolve()));
    await host.publishAsync(topic('DCMD', 'press-7'), payload([]), { qos: 0 });
    await closed;
    expect(commands).toHaveLength(1);
  });

  it('and its devices are offline when its connection breaks', async () => {
    edge.stream.destroy();
    await until('both are said to be gone', async () => {
      const found = await stored('SELECT last(online) AS online FROM readings GROUP BY device');
      return found.length === 2 && found.every((row) => row['online'] === 0);
    });
    // The value without a name, two births, a value, and that both are gone.
    const ledger = await until('all is told', async () => {
      const counts = await millrace.ledger();
      return counts.received === 6 && counts.inFlight === 0 && counts;
    });
    expect(ledger).toMatchObject({ stored: 5, quarantined: 1 });
    expect(ledgerDifference(ledger)).toBe(0);
  });
});
