import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerDifference } from '../../events/ledger.ts';
import { stringify } from 'yaml';
import { connectBus } from '../../infra/bus/connection.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import { loadNatsUsers } from '../../infra/servers/nats-config.ts';
import { environmentFor, runCommand, startMillrace, until, type Millrace } from '../millrace.ts';

/** What the configuration leaves out, computes and looks up, in the database, in the ledger and in the metrics. */
describe('transforms', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-tables-'));
  const lines = join(directory, 'lines.csv');
  const config = {
    fields: [{ name: 'voltage' }, { name: 'current' }, { name: 'temperature' }, { name: 'rssi' }],
    tables: [{ name: 'lines', key: 'device', file: lines }],
    transforms: [
      { name: 'no-debug', drop: ['rssi'] },
      { name: 'celsius', field: 'temperature', convert: { from: '°F', to: '°C' } },
      { name: 'plausible', field: 'temperature', range: [-40, 200] },
      { name: 'quiet', field: 'temperature', deadband: 0.5 },
      { name: 'power', set: 'power', expression: 'voltage * current' },
      { name: 'ratio', set: 'ratio', expression: 'voltage / current' },
      { name: 'line', enrich: 'lines', tags: ['line'], fields: ['limit'] },
      { name: 'over', set: 'over', expression: 'temperature - limit' },
    ],
    rules: [{ name: 'over-limit', field: 'over', above: 0, where: { line: 'bake' } }],
  };
  let millrace: Millrace;
  let sensor: MqttClient;

  beforeAll(async () => {
    writeFileSync(lines, 'device,line,limit\npress-7,bake,85\npress-8,cut,40\n');
    millrace = await startMillrace(config);
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
  });

  afterAll(async () => {
    await sensor?.endAsync();
    await millrace?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  const send = (device: string, fields: object) =>
    sensor.publishAsync(`sensors/plant1/${device}`, JSON.stringify(fields), { qos: 1 });

  it('computed and looked up values are stored, what is left out is not', async () => {
    await send('press-7', { temperature: 212, voltage: 20, current: 0.5, rssi: -60 });
    await send('press-7', { temperature: 212.5, rssi: -61 });
    await send('press-7', { rssi: -62 });
    await send('press-7', { temperature: 9_999 });
    await send('press-8', { temperature: 32, voltage: 5, current: 0 });
    await send('press-9', { voltage: 1, current: 4 });
    const rows = await until('InfluxDB holds three', async () => {
      const found = await millrace.influx('SELECT * FROM readings');
      return found.length === 3 && found;
    });
    const byDevice = Object.fromEntries(rows.map(({ time: _time, ...row }) => [row['device'], row]));
    const present = (row: object | undefined) =>
      Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => value !== null));
    const site = { site: 'plant1' };
    expect(present(byDevice['press-7'])).toEqual({
      ...site,
      device: 'press-7',
      line: 'bake',
      temperature: 100,
      voltage: 20,
      current: 0.5,
      power: 10,
      ratio: 40,
      limit: 85,
      over: 15,
    });
    // Without a ratio: it would have been divided by zero.
    expect(present(byDevice['press-8'])).toEqual({
      ...site,
      device: 'press-8',
      line: 'cut',
      temperature: 0,
      voltage: 5,
      current: 0,
      power: 0,
      limit: 40,
      over: -40,
    });
    expect(present(byDevice['press-9'])).toEqual({
      ...site,
      device: 'press-9',
      voltage: 1,
      current: 4,
      power: 4,
      ratio: 0.25,
    });
  });

  it('a rule goes by a limit and a tag of the table', async () => {
    const alerts = await until('the alert is active', async () => {
      const answer = JSON.stringify(await millrace.get('/api/v1/alerts?state=active'));
      return answer.includes('over-limit') && answer;
    });
    expect(alerts).toContain('plant1/press-7');
    expect(alerts).not.toContain('plant1/press-8');
  });

  it('the ledger is balanced, and says what was filtered', async () => {
    const ledger = await until('nothing is in flight', async () => {
      const now = await millrace.ledger();
      return now.inFlight === 0 && now.received === 6 && now;
    });
    expect(ledger).toMatchObject({ stored: 3, filtered: 3 });
    expect(ledgerDifference(ledger)).toBe(0);
    const device = JSON.stringify(await millrace.get('/api/v1/devices/plant1%2Fpress-7'));
    expect(device).toContain('"filtered":3');
  });

  it('history finds the values of a device that a table tags', async () => {
    const now = Date.now() * 1_000;
    const path = `/api/v1/devices/plant1%2Fpress-7/history?field=power&from=${now - 600_000_000}&to=${now}`;
    await until('history answers', async () => {
      const answer = (await millrace.get(path)) as Record<string, unknown>;
      return JSON.stringify(answer['values']) === '[10]';
    });
  });

  it('metrics and an alarm name what the transforms left out', async () => {
    const metrics = await until('the metrics are there', async () => {
      const text = await (await fetch(`${millrace.url}/metrics`)).text();
      return /not_finite_total\{[^}]*transform="ratio"[^}]*\} 1/.test(text) && text;
    });
    expect(metrics).toMatch(/millrace_processors_filtered_total\{[^}]*transform="no-debug"[^}]*\} 1/);
    expect(metrics).toMatch(/millrace_processors_filtered_total\{[^}]*transform="quiet"[^}]*\} 1/);
    expect(metrics).toMatch(/millrace_processors_filtered_total\{[^}]*transform="plausible"[^}]*\} 1/);
    await until('the alarm is shown', async () =>
      JSON.stringify(await millrace.get('/api/v1/overview?range=15m')).includes(
        'Transform ratio gave no finite number',
      ),
    );
    expect(metrics).toMatch(/millrace_processors_unmatched_total\{[^}]*transform="line"[^}]*\} 1/);
  });

  it('a table that is put into KV is in force when it is applied, and not before', async () => {
    const kv = { ...config, tables: [{ name: 'lines', key: 'device', kv: 'lines' }] };
    const file = join(directory, 'kv.yaml');
    writeFileSync(file, stringify(kv));
    const apply = () =>
      runCommand(
        ['apply', '--yes', '--config', file],
        environmentFor(millrace.ports, millrace.data, join(directory, 'kv.yaml')),
      );
    const missing = await apply();
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('tables[0].kv: tables/lines does not exist');

    const { admin } = await loadNatsUsers(join(millrace.data, 'nats', 'users.json'));
    await using bus = await connectBus({ url: `nats://127.0.0.1:${millrace.ports.nats}`, name: 'test', ...admin });
    await (await openBucket(bus, 'tables')).put('lines', 'device,line,limit\npress-9,cool,7\n');
    await send('press-9', { voltage: 1, current: 1 });
    const applied = await apply();
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    expect(applied.stdout).toMatch(/table lines .*its rows are in force from the next message/);
    await send('press-9', { voltage: 2, current: 1 });
    const rows = await until('both are stored', async () => {
      const found = await millrace.influx("SELECT voltage, limit, line FROM readings WHERE device = 'press-9'");
      return found.length === 3 && found;
    });
    expect(rows.map(({ voltage, limit, line }) => [voltage, limit ?? null, line ?? null])).toEqual([
      [1, null, null],
      [1, null, null],
      [2, 7, 'cool'],
    ]);
  });

  it('stops and starts again with the same ledger', async () => {
    expect(await millrace.stop()).toBe(0);
    expect(millrace.output()).toMatch(/stopped .* 3 filtered.* balanced/s);
    await millrace.start();
    const ledger = await until('the ledger is back', async () => {
      const now = await millrace.ledger();
      return now.received === 8 && now;
    });
    expect(ledger).toMatchObject({ stored: 5, filtered: 3, inFlight: 0 });
  });
});
