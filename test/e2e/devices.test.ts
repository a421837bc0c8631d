import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertsAnswer } from '../../events/api-alerts.ts';
import type { DeviceAnswer, DeviceRow, DevicesAnswer } from '../../events/api.ts';
import { ledgerDifference } from '../../events/ledger.ts';
import { runCommand, startMillrace, until, type Millrace } from '../millrace.ts';

describe('devices come, go and are changed by people', () => {
  let millrace: Millrace;
  let sensor: MqttClient;
  let sent = 0;

  const connect = (options: IClientOptions = {}) =>
    connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, { reconnectPeriod: 0, ...options });
  const send = async (device: string, temperature: number, client = sensor) => {
    sent++;
    await client.publishAsync(`sensors/plant/${device}`, JSON.stringify({ temperature }), { qos: 1 });
  };
  const stored = () => until('all is stored', async () => (await millrace.ledger()).stored === sent);
  const row = async (device: string): Promise<DeviceRow | undefined> => {
    const { items } = (await millrace.get(`/api/v1/devices?q=device:${device}`)) as DevicesAnswer;
    return items[0];
  };
  const detail = async (device: string) =>
    (await millrace.get(`/api/v1/devices/${encodeURIComponent(`plant/${device}`)}`)) as DeviceAnswer;
  const perform = async (device: string, kind: string, body: object = {}) => {
    const response = await fetch(`${millrace.url}/api/v1/devices/${encodeURIComponent(`plant/${device}`)}/${kind}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { message?: string; sequence?: number } };
  };
  const points = async (device: string) => {
    const readings = await millrace.influx(`SELECT temperature FROM readings WHERE device = '${device}'`);
    const windows = await millrace.influx(`SELECT mean FROM windows.windows WHERE device = '${device}'`);
    return [readings.length, windows.length] as const;
  };

  beforeAll(async () => {
    millrace = await startMillrace({
      log: { partitions: 1 },
      windows: [{ name: '1s', size: '1s', lateness: '0s', idle: '1s' }],
      rules: [{ name: 'hot', field: 'temperature', above: 60 }],
    });
    sensor = await connect();
  });
  afterAll(async () => {
    await sensor?.endAsync(true);
    await millrace?.[Symbol.asyncDispose]();
  });

  it('a socket that breaks makes its devices offline, a will is no return, and a new connection is', async () => {
    const will = {
      topic: 'sensors/plant/gone',
      payload: Buffer.from('{"alive":false}'),
      qos: 1 as const,
      retain: false,
    };
    const client = await connect({ clientId: 'gateway', will });
    await send('gone', 1, client);
    await send('beside', 1, client);
    await until('both are online', async () => {
      const [gone, beside] = [await row('gone'), await row('beside')];
      return gone?.presence.state === 'online' && beside?.presence.state === 'online';
    });
    client.stream.destroy();
    sent++; // the will
    await until('both are offline', async () => {
      const [gone, beside] = [await row('gone'), await row('beside')];
      return gone?.presence.cause === 'broken' && beside?.presence.cause === 'broken' && gone.fields['alive'] === false;
    });
    expect(await row('gone')).toMatchObject({ presence: { state: 'offline', cause: 'broken' }, stale: true });
    const again = await connect({ clientId: 'gateway' });
    await send('gone', 2, again);
    await until('it is back', async () => (await row('gone'))?.presence.state === 'online');
    expect(await row('beside')).toMatchObject({ presence: { state: 'offline' } });
    await again.endAsync();
    await until('it said goodbye', async () => (await row('gone'))?.presence.cause === 'goodbye');
  });

  it('is renamed, and refuses what it does not know', async () => {
    await send('press', 20);
    await until('it is known', () => row('press'));
    expect(await perform('press', 'rename', { label: 'Big press' })).toMatchObject({ status: 200 });
    await until('its label shows', async () => (await row('press'))?.life.label === 'Big press');
    expect(await perform('press', 'rename', { label: 'Bigger press' })).toMatchObject({ status: 200 });
    expect(await perform('press', 'undo', { of: 'rename' })).toMatchObject({ status: 200 });
    await until('it has the label before', async () => (await row('press'))?.life.label === 'Big press');
    expect(await perform('press', 'undo', { of: 'replace' })).toMatchObject({ status: 409 });
    expect(await perform('press', 'undo', { of: 'erase' })).toMatchObject({ status: 400 });
    expect(await perform('nobody', 'retire')).toMatchObject({ status: 404, body: { message: /"plant\/nobody"/ } });
    expect(await perform('press', 'erase', { confirm: 'press' })).toMatchObject({ status: 400 });
    expect(await perform('press', 'replace', { by: 'plant/press' })).toMatchObject({ status: 409 });
  });

  it('new hardware goes on with its history', async () => {
    await send('press-b', 21);
    await until('it is known', () => row('press-b'));
    expect(await perform('press', 'replace', { by: 'plant/press-b' })).toMatchObject({ status: 200 });
    await send('press-b', 22);
    await until('the reading is the old device’s', async () => (await row('press'))?.fields['temperature'] === 22);
    await until('the new one is none of its own', async () => (await row('press-b')) === undefined);
    await stored();
    expect((await points('press'))[0]).toBe(2);
    expect((await points('press-b'))[0]).toBe(1);
  });

  it('retired, its alert ends and nothing judges it; revived, it is judged again', async () => {
    const alerts = async () => (await millrace.get('/api/v1/alerts?state=active')) as AlertsAnswer;
    await send('press-b', 90);
    await until('it fires', async () => JSON.stringify(await alerts()).includes('plant/press'));
    const [firing] = (await alerts()).active;
    expect(firing).toMatchObject({ device: 'press', label: 'Big press' });
    expect(await millrace.get(`/api/v1/alerts/${firing!.id}`)).toMatchObject({ label: 'Big press' });
    expect(await perform('press', 'retire')).toMatchObject({ status: 200 });
    await until('it has ended', async () => !JSON.stringify(await alerts()).includes('plant/press'));
    expect((await detail('press')).transitions[0]).toMatchObject({ to: 'unknown', notify: 'resolved', why: 'retired' });
    const { resolved } = (await millrace.get('/api/v1/alerts?state=resolved')) as AlertsAnswer;
    expect(resolved[0]).toMatchObject({ device: 'press', label: 'Big press' });
    await send('press-b', 95);
    await stored();
    expect(await row('press')).toMatchObject({ life: { retired: true }, stale: false, alert: null });
    const revived = await runCommand(['device', 'revive', 'plant/press'], { ...millrace.env });
    expect(revived).toMatchObject({ code: 0, stdout: expect.stringMatching(/plant\/press is no longer retired/) });
    await send('press-b', 96);
    await until('it fires again', async () => JSON.stringify(await alerts()).includes('plant/press'));
  });

  it('erased, nothing is left of it in InfluxDB, also after a replay; if it sends again it is new', async () => {
    await stored();
    await until(
      'its windows are stored',
      async () => (await points('press'))[1] > 0 && (await points('beside'))[1] > 0,
    );
    const beside = await points('beside');
    const unasked = await runCommand(['device', 'erase', 'plant/press'], { ...millrace.env });
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringMatching(/--yes/) });
    expect(await perform('press', 'erase', { confirm: 'plant/press' })).toMatchObject({ status: 200 });
    await until('its series are gone', async () => String(await points('press')) === '0,0');
    await until('it is gone from the list', async () => (await row('press')) === undefined);
    expect(await points('beside')).toEqual(beside);
    expect(ledgerDifference(await millrace.ledger())).toBe(0);
    expect((await millrace.ledger()).stored).toBe(sent);

    await send('press', 30);
    await stored();
    expect((await points('press'))[0]).toBe(1);
    const replayed = await runCommand(['replay', '--from', 'beginning', '--into', 'influxdb'], { ...millrace.env });
    expect(replayed).toMatchObject({ code: 0 });
    expect((await points('press'))[0]).toBe(1);
    expect((await row('press'))?.life).toEqual({ label: '', retired: false, replacedBy: null });
  });

  it('what was done stays so after kill -9 of its worker', async () => {
    expect(await perform('beside', 'rename', { label: 'The other' })).toMatchObject({ status: 200 });
    await millrace.kill9('processors');
    // The worker says it again once it has read up to there.
    await until('the worker knows it', async () => {
      const found = await row('beside');
      return found?.life.label === 'The other' && found.presence.state === 'offline';
    });
    // Storage goes back to its checkpoint: what was erased is erased once more, and what came after it written again.
    await until('its point is there', async () => (await points('press'))[0] === 1);
  });
});
