import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ledgerDifference } from '../../events/ledger.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';

const secret = `whsec_${Buffer.from('a secret of thirty-two bytes! ok').toString('base64')}`;

interface Call {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** One reading from the sensor to everything that Millrace promises to do with it. */
describe('the way of a reading', () => {
  let millrace: Millrace;
  let sensor: MqttClient;
  const calls: Call[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      calls.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(204).end();
    });
  });

  beforeAll(async () => {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    millrace = await startMillrace({
      rules: [
        {
          name: 'press-too-hot',
          field: 'temperature',
          above: 85,
          clear: 80,
          severity: 'critical',
          where: { site: 'plant1' },
        },
      ],
      webhooks: [{ name: 'ops', url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, secret }],
    });
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
  });

  afterAll(async () => {
    await sensor?.endAsync();
    await millrace?.[Symbol.asyncDispose]();
    receiver.close();
  });

  it('reaches the dashboard, InfluxDB and a webhook', async () => {
    const live = new WebSocket(`ws://127.0.0.1:${millrace.ports.http}/live`);
    const frames: { type: string; items?: { key: string; time: number; fields: object }[] }[] = [];
    live.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
    await once(live, 'open');
    live.send(JSON.stringify({ type: 'subscribe', devices: ['*'], alerts: true }));

    await sensor.publishAsync('sensors/plant1/press-7', '{"temperature": 91.5}', { qos: 1 });

    const frame = await until('a live frame carries it', () =>
      frames.find((each) => each.type === 'readings' && each.items?.some((item) => item.key === 'plant1/press-7')),
    );
    expect(frame.items).toMatchObject([{ key: 'plant1/press-7', fields: { temperature: 91.5 } }]);
    await until('a live frame carries the alert', () => frames.some((each) => each.type === 'alert'));
    live.close();

    const rows = await until('InfluxDB holds it', async () => {
      const found = await millrace.influx('SELECT * FROM readings');
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ site: 'plant1', device: 'press-7', temperature: 91.5 }]);

    const device = (await millrace.get('/api/v1/devices/plant1%2Fpress-7')) as Record<string, unknown>;
    expect(JSON.stringify(device)).toContain('91.5');
    const alerts = await until('the alert is listed as active', async () => {
      const answer = JSON.stringify(await millrace.get('/api/v1/alerts?state=active'));
      return answer.includes('press-too-hot') && answer;
    });
    expect(alerts).toContain('plant1/press-7');

    const call = await until('the webhook is called', () => calls[0]);
    const event = new Webhook(secret).verify(call.body, call.headers) as Record<string, unknown>;
    expect(event).toMatchObject({
      specversion: '1.0',
      id: call.headers['webhook-id'],
      type: 'millrace.alert.firing',
      source: '/millrace',
      subject: 'plant1/press-7',
      data: { rule: 'press-too-hot', field: 'temperature', value: 91.5, threshold: 85, severity: 'critical' },
    });

    await sensor.publishAsync('sensors/plant1/press-7', '{"temperature": 79.9}', { qos: 1 });
    const resolved = await until('the webhook is told that it is over', () => calls[1]);
    expect(new Webhook(secret).verify(resolved.body, resolved.headers)).toMatchObject({
      type: 'millrace.alert.resolved',
    });
    expect(() => new Webhook(secret).verify(`${resolved.body} `, resolved.headers)).toThrow();
  });

  it('a bare value under a field topic is a reading too', async () => {
    await sensor.publishAsync('sensors/plant1/oven-2/temperature', '182.25', { qos: 1 });
    const rows = await until('InfluxDB holds it', async () => {
      const found = await millrace.influx(`SELECT * FROM readings WHERE device = 'oven-2'`);
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ site: 'plant1', device: 'oven-2', temperature: 182.25 }]);
  });

  it('history joins what was live: the same reading, once', async () => {
    const history = await until('history answers', async () => {
      const now = Date.now() * 1_000;
      const path = `/api/v1/devices/plant1%2Fpress-7/history?field=temperature&from=${now - 600_000_000}&to=${now}`;
      const text = JSON.stringify(await millrace.get(path));
      return text.includes('91.5') && text.includes('79.9') && text;
    });
    expect(history.match(/91\.5/g)).toHaveLength(1);
  });

  it('is ready, says how durable it is, and its metrics are there', async () => {
    const ready = (await (await fetch(`${millrace.url}/readyz`)).json()) as Record<string, unknown>;
    expect(ready).toMatchObject({ ready: true, reasons: [], degraded: [] });
    expect(['power-loss', 'process']).toContain(ready.durability);
    const metrics = await until('metrics of all processes are there', async () => {
      const text = await (await fetch(`${millrace.url}/metrics`)).text();
      return text.includes('millrace_ingest_') && text.includes('millrace_processors_') && text;
    });
    expect(metrics).toMatch(/^# TYPE /m);
  });

  it('the ledger is balanced', async () => {
    const ledger = await until('nothing is in flight', async () => {
      const now = await millrace.ledger();
      return now.inFlight === 0 && now.received === 3 && now;
    });
    expect(ledgerDifference(ledger)).toBe(0);
  });

  it('ends cleanly and leaves nothing behind', async () => {
    const pids = await Promise.all(
      (['nats-server', 'influxd', 'ingest', 'processors', 'dashboard'] as const).map((part) => millrace.pidOf(part)),
    );
    await sensor.endAsync();
    expect(await millrace.stop()).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
    expect(millrace.output()).toMatch(/stopped .* balanced/s);

    await millrace.start();
    const rows = await millrace.influx('SELECT temperature FROM readings');
    expect(rows).toHaveLength(3);
  });
});
