import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerDifference } from '../../events/ledger.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';

/** Failures do not cascade (promise P6), and a supervisor that died leaves nothing behind. */
describe('outages', () => {
  let millrace: Millrace;
  let sensor: MqttClient;

  beforeAll(async () => {
    millrace = await startMillrace({ rules: [{ name: 'too-hot', field: 'temperature', above: 85, clear: 80 }] });
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, { reconnectPeriod: 250 });
  });
  afterAll(async () => {
    await sensor?.endAsync(true);
    await millrace?.[Symbol.asyncDispose]();
  });

  const publish = (device: string, temperature: number) =>
    sensor.publishAsync(`sensors/plant1/${device}`, JSON.stringify({ temperature }), { qos: 1 });
  const active = async () => JSON.stringify(await millrace.get('/api/v1/alerts?state=active'));

  it('InfluxDB hangs: alerts fire, readings are acknowledged, storage catches up', async () => {
    await publish('before', 20);
    const influxd = await millrace.pidOf('influxd');
    process.kill(influxd, 'SIGSTOP');
    try {
      for (let i = 0; i < 500; i++) await publish('steady', 20 + i / 100);
      await publish('press-7', 91.5);
      await until('the alert fires', async () => (await active()).includes('plant1/press-7'));
      await until('readiness says what is degraded', async () => {
        const answer = await fetch(`${millrace.url}/readyz`);
        const body = (await answer.json()) as { ready: boolean; degraded: string[] };
        return answer.status === 200 && body.ready && body.degraded.some((text) => /influx/i.test(text));
      });
    } finally {
      process.kill(influxd, 'SIGCONT');
    }
    await until('storage has caught up', async () => {
      const rows = await millrace.influx('SELECT temperature FROM readings');
      return rows.length === 502;
    });
    const ledger = await until('nothing is in flight', async () => {
      const now = await millrace.ledger();
      return now.inFlight === 0 && now;
    });
    expect(ledger.stored).toBe(502);
    expect(ledgerDifference(ledger)).toBe(0);
  });

  it('the log hangs: nothing is acknowledged that is not stored, and it goes on afterwards', async () => {
    const nats = await millrace.pidOf('nats-server');
    process.kill(nats, 'SIGSTOP');
    let acknowledged = false;
    const pending = publish('patient', 21).then(() => (acknowledged = true));
    const notReady = until('readiness says so', async () => (await fetch(`${millrace.url}/readyz`)).status === 503);
    await notReady.finally(() => {
      expect(acknowledged).toBe(false);
      process.kill(nats, 'SIGCONT');
    });
    await pending;
    await until('it is stored', async () => {
      const rows = await millrace.influx(`SELECT temperature FROM readings WHERE device = 'patient'`);
      return rows.length === 1;
    });
  });

  it('kill -9 of the supervisor: the next start stops the orphans and goes on with the data', async () => {
    const parts = ['nats-server', 'influxd', 'ingest', 'processors', 'dashboard'] as const;
    const orphans = await Promise.all(parts.map((part) => millrace.pidOf(part)));
    await millrace.kill9Supervisor();
    await millrace.start();
    for (const pid of orphans) expect(() => process.kill(pid, 0)).toThrow();
    expect(await active()).toContain('plant1/press-7');
    await publish('after', 22);
    await until('what comes now is stored beside what was', async () => {
      const rows = await millrace.influx('SELECT temperature FROM readings');
      return rows.length === 504;
    });
  });
});
