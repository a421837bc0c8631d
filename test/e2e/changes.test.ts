import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { buckets } from '../../events/subjects.ts';
import type { ControlPosition } from '../../infra/bus/config-versions.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import { attach } from '../../infra/commands/attach.ts';
import { configSchema } from '../../infra/config/schema.ts';
import { environmentFor, runCommand, startMillrace, until, type Millrace } from '../millrace.ts';

/** A processor as a user may write it, in plain JavaScript beside the checkout: it looks at each reading. */
const processorText = (body: string) => `
export default (readings, ctx) =>
  readings.pipe(
    (source) =>
      new source.constructor((out) => source.subscribe({ next(reading) { ${body} } })),
  );
`;

describe('changes of a running pipeline, and replays of its log', () => {
  let millrace: Millrace;
  let sensor: MqttClient;
  let home: string;
  let next: string;
  let processorFile: string;

  const rule = { name: 'hot', field: 'temperature', above: 60 };
  const window = { name: '1s', size: '1s', lateness: '0s', idle: '1s' };
  const config = (over: object = {}) => ({
    windows: [window],
    rules: [rule],
    processors: [{ name: 'mine', file: processorFile }],
    ...over,
  });
  const command = (...args: string[]) =>
    runCommand(args, environmentFor(millrace.ports, millrace.data, join(millrace.data, '..', 'millrace.yaml')));
  const apply = async (over: object, ...flags: string[]) => {
    await writeFile(next, stringify(config(over)));
    return command('apply', '--config', next, ...flags);
  };
  /** Where versions came into force in a partition, as the KV has it. */
  const controlsOf = async (partition: number) => {
    await using servers = await attach(configSchema.parse({ data: millrace.data }), 'test');
    const bucket = await openBucket(servers.bus, buckets.config);
    const entry = await bucket.get(`controls.${partition}`);
    const positions = JSON.parse(Buffer.from(entry!.value).toString()) as ControlPosition[];
    const put = async (left: readonly ControlPosition[]) => {
      await using again = await attach(configSchema.parse({ data: millrace.data }), 'test');
      await (await openBucket(again.bus, buckets.config)).put(`controls.${partition}`, JSON.stringify(left));
    };
    return { positions, put };
  };
  let sent = 0;
  const send = async (temperature: number) => {
    sent++;
    await sensor.publishAsync('sensors/plant/d1', JSON.stringify({ temperature }), { qos: 1 });
  };
  const stored = () =>
    until('all is stored', async () => {
      const ledger = await millrace.ledger();
      return ledger.stored === sent && ledger;
    });
  const alarms = async () =>
    ((await millrace.get('/api/v1/overview')) as { figures: { alarms: string[] } }).figures.alarms;
  const alerts = async () => JSON.stringify(await millrace.get('/api/v1/alerts?state=active'));

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'millrace-changes-'));
    next = join(home, 'next.yaml');
    processorFile = join(home, 'mine.mjs');
    const body = `if (reading.fields.temperature === 13) Promise.reject(new Error('unlucky'));
      out.next(ctx.derive(reading, { seen: 1 }));`;
    await writeFile(processorFile, processorText(body));
    millrace = await startMillrace(config());
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
  });
  afterAll(async () => {
    await sensor?.endAsync(true);
    await millrace?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  it('a rejected promise stops the processor that made it, and nothing else; a changed file starts it anew', async () => {
    const pid = await millrace.pidOf('processors');
    await send(20);
    await send(13);
    await until('the stopped processor is reported with its reading', async () => {
      await send(20);
      return (await alarms()).some(
        (text) => text.startsWith('Processor mine was stopped') && /unlucky.*plant\/d1 at .*partition \d/.test(text),
      );
    });
    await stored();
    expect(await millrace.pidOf('processors')).toBe(pid);

    await writeFile(processorFile, processorText('out.next(ctx.derive(reading, { again: 1 }));'));
    const applied = await apply({}, '--yes');
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringMatching(/processor\s+mine\s+hash .*goes on/) });
    await until('the new file runs', async () => {
      await send(21);
      return (await millrace.influx('SELECT again FROM readings WHERE again = 1')).length > 0;
    });
    expect(await millrace.pidOf('processors')).toBe(pid);
  });

  it('apply says what will happen, does it at run time, and refuses what cannot be', async () => {
    await send(90);
    await until('the alert fires', async () => (await alerts()).includes('hot'));

    expect(await apply({})).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing to apply/) });
    // As one leaves it that was interrupted before the last partition.
    const controls = await controlsOf(3);
    await controls.put(controls.positions.slice(0, -1));
    expect(await apply({})).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing to apply/) });
    expect((await controlsOf(3)).positions.at(-1)?.version).toBe(controls.positions.at(-1)?.version);
    const unasked = await apply({ rules: [{ ...rule, above: 70 }] });
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringMatching(/--yes/) });
    expect(unasked.stdout).toMatch(/rule\s+hot\s+above 60 -> 70: reset.*--keep would keep them/s);
    const refused = await apply({ windows: [{ ...window, size: '2s' }] }, '--keep', '--yes');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/window 1s \(size 1s -> 2s\).*cannot be kept/s),
    });
    const beyond = await apply({ rules: [] }, '--rebuild', '--from', 'nonsense', '--yes');
    expect(beyond.code).toBe(2);

    const kept = await apply({ rules: [{ ...rule, above: 70 }] }, '--keep', '--yes');
    expect(kept).toMatchObject({ code: 0, stdout: expect.stringMatching(/applied\s+version 3/) });
    await send(65);
    await until('it ends under the new limit', async () => !(await alerts()).includes('hot'));

    // From the beginning: 65 was the last.
    const rebuilt = await apply({ rules: [{ ...rule, above: 64 }] }, '--rebuild', '--from', 'beginning', '--yes');
    expect(rebuilt).toMatchObject({ code: 0, stdout: expect.stringMatching(/rebuilt from message 1/) });
    await until('it fires as if the limit had always been so', async () => (await alerts()).includes('hot'));
  });

  it('a rebuild of what spans devices writes what it would have given', async () => {
    const rules = [{ ...rule, above: 64 }];
    const windows = [window, { name: 'all', kind: 'count', count: 2, by: [] }];
    const added = await apply({ rules, windows }, '--rebuild', '--from', 'beginning', '--yes');
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/window\s+all\s+added, filled from message 1/),
    });
    await until('all but the last of an odd number is stored', async () => {
      const all = await millrace.influx(`SELECT * FROM windows.windows WHERE "window" = 'all'`);
      return all.length === Math.floor(sent / 2);
    });
    expect(await apply({ rules }, '--yes')).toMatchObject({ code: 0 });
  });

  it('replay writes again what InfluxDB has lost', async () => {
    for (let i = 0; i < 50; i++) await send(i);
    await stored();
    const points = async () => {
      // What a processor derived is of its file as it is now, and that has changed.
      const readings = await millrace.influx("SELECT temperature FROM readings WHERE processor = ''");
      const windows = await millrace.influx(`SELECT * FROM windows.windows WHERE "window" = '1s'`);
      return { readings, windows };
    };
    await until('its windows are closed and stored', async () => {
      const { windows } = await points();
      return (
        windows.filter(({ field }) => field === 'temperature').reduce((sum, one) => sum + Number(one['count']), 0) ===
        sent
      );
    });
    const before = await points();
    await millrace.stop();
    await rename(join(millrace.data, 'influxdb'), join(home, 'influxdb'));

    // Nothing runs: it starts what it needs itself.
    const nothing = await command('--json', 'replay', '--from', 'beginning', '--into', 'nothing');
    expect(nothing.code).toBe(0);
    const counted = JSON.parse(nothing.stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
    expect(counted).toMatchObject({ event: 'done', readings: sent, gaps: 0, stored: 0 });
    expect(existsSync(join(millrace.data, 'influxdb'))).toBe(false);
    expect(Number(counted['windows'])).toBeGreaterThan(0);

    // On trial is what the file says, not what is in force.
    await writeFile(next, stringify(config({ windows: [], rules: [] })));
    const trial = await command('--json', 'replay', '--from', 'beginning', '--into', 'nothing', '--config', next);
    const tried = JSON.parse(trial.stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
    expect(tried).toMatchObject({ event: 'done', readings: sent, windows: 0, transitions: 0 });

    await millrace.start();
    expect((await points()).readings).toEqual([]);
    const replayed = await command('replay', '--from', 'beginning', '--into', 'influxdb');
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringMatching(/replayed\s+\d+ readings/) });
    expect(await points()).toEqual(before);
  });
});
