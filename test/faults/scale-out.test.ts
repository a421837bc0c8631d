import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transition } from '../../events/alert.ts';
import { ledgerDifference } from '../../events/ledger.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { WindowResult } from '../../events/window.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';
import { readItems } from '../stream-contents.ts';
import { expectedTransitions, expectedWindows, parseAcknowledged, type Acknowledged } from './load.ts';
import { viewProcesses, type ProcessView } from './process-view.ts';

const devices = 20;
const readingsPerDevice = 2_000;
const pauseMs = 15;
const windowUs = 60_000_000;
const partitions = [0, 1, 2, 3];
/** What the issue promises of a process that dies. */
const takeoverMs = 10_000;

/** Several processes of a kind under load: they come, die, sleep and wake (promises P1 and P4). */
describe('several processes', () => {
  let millrace: Millrace;
  let view: ProcessView;
  let directory: string;
  let joined: ChildProcess | null = null;
  let acknowledged: Acknowledged[];
  let takenOverMs = 0;

  const partitionsOf = (instance: string) =>
    partitions.filter((partition) => view.holderOf(`partition.${partition}`) === instance);
  const leases = ['fleet', 'webhooks', 'trimmer', 'alarms', ...partitions.map((partition) => `partition.${partition}`)];
  /** Everything has one holder, none of them `gone`, and the partitions are spread over so many. */
  const settled = (processes: number, gone = '') =>
    view.spread().length === processes + (view.holds().has(gone) ? 1 : 0) &&
    leases.every((lease) => ![null, gone].includes(view.holderOf(lease))) &&
    view.spread().every((count) => count >= Math.floor(partitions.length / processes));

  beforeAll(async () => {
    millrace = await startMillrace({
      processes: { ingest: 2, processors: 2 },
      windows: [
        { name: '1m', size: '1m', lateness: '0s', idle: '10s' },
        // The load's times are old: the fleet's windows have closed by the log's clock, and every message revises them.
        { name: 'site', size: '1m', by: ['site'], lateness: '0s', retain: '2h' },
      ],
      rules: [{ name: 'too-hot', field: 'temperature', above: 85, clear: 80 }],
    });
    view = await viewProcesses(millrace);
    directory = await mkdtemp(join(tmpdir(), 'millrace-load-'));
    const file = join(directory, 'acknowledged');
    await writeFile(file, '');
    const startUs = Math.floor(Date.now() / 60_000 - 40) * windowUs;
    const given = [millrace.ports.mqtt, devices, readingsPerDevice, startUs].map(String);
    const load = spawn(
      process.execPath,
      [join(import.meta.dirname, 'load-client.ts'), ...given, file, String(pauseMs)],
      { stdio: 'inherit' },
    );
    const ended = once(load, 'exit') as Promise<[number | null]>;
    const lines = async () => parseAcknowledged(await readFile(file, 'utf8')).length;
    const goesOn = async () => {
      const before = await lines();
      await until('more is acknowledged', async () => (await lines()) > before + devices);
      if (load.exitCode !== null) throw new Error('the load ended before all faults were made');
    };

    await goesOn();
    await until('two share the work', () => settled(2));

    joined = spawn(process.execPath, [join(import.meta.dirname, '../../infra/cli.ts'), 'processors'], {
      env: { ...process.env, ...millrace.env, MILLRACE_INSTANCE: 'joined' },
      stdio: 'ignore',
    });
    await until('the third has its share', () => settled(3) && partitionsOf('joined').length > 0);
    await goesOn();

    const beganMs = performance.now();
    joined.kill('SIGKILL');
    await until('what it had is elsewhere', () => settled(2, 'joined'), takeoverMs);
    takenOverMs = performance.now() - beganMs;
    await goesOn();

    const sleeper = view.holderOf('fleet')!;
    const pid = view.pidOf(sleeper);
    process.kill(pid, 'SIGSTOP');
    await until('the other has taken all over', () => settled(1, sleeper), takeoverMs);
    await goesOn();
    process.kill(pid, 'SIGCONT');
    await until('it has its share again', () => settled(2) && partitionsOf(sleeper).length > 0);
    await goesOn();

    await millrace.kill9('ingest');
    await goesOn();
    await millrace.kill9('ingest-2');
    const [code] = await ended;
    if (code !== 0) throw new Error(`the load ended with ${code}`);
    acknowledged = parseAcknowledged(await readFile(file, 'utf8'));
  }, 180_000);

  afterAll(async () => {
    joined?.kill('SIGKILL');
    await view?.[Symbol.asyncDispose]();
    await millrace?.[Symbol.asyncDispose]();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  it('what was acknowledged is in InfluxDB, once and with its value', async () => {
    expect(takenOverMs).toBeLessThan(takeoverMs);
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

  it("each window was written once, by whoever had its partition, and equals the oracle's", async () => {
    const expected = expectedWindows(acknowledged, windowUs);
    const text = (device: string, startUs: number, values: readonly unknown[]) =>
      `${device} ${startUs} ${values.map((value) => Number(value).toFixed(6)).join(' ')}`;
    const written = await until('all windows are closed', async () => {
      const all = await Promise.all(
        partitions.map((partition) => readItems(view.bus, streams.windows, subjects.windows(partition))),
      );
      const results = all.flat() as WindowResult[];
      return results.length >= expected.length && results;
    });
    const lines = written.map((w) =>
      text(w.device, w.startUs, [w.revision, w.count, w.sum, w.min, w.max, w.first, w.last]),
    );
    const wanted = expected.map((w) => text(w.device, w.startUs, [0, w.count, w.sum, w.min, w.max, w.first, w.last]));
    expect(lines.toSorted()).toEqual(wanted.toSorted());
    const points = await until('all are stored', async () => {
      const rows = await millrace.influx(`SELECT "count", device FROM "windows"."windows" WHERE "window" = '1m'`);
      return rows.length >= expected.length && rows;
    });
    expect(points).toHaveLength(expected.length);
  });

  it("the fleet's windows: each revision once, in order, whoever held its lease; the last is the oracle's", async () => {
    const expected = new Map<number, { count: number; sum: number }>();
    for (const { timeUs, value } of acknowledged) {
      const startUs = Math.floor(timeUs / windowUs) * windowUs;
      const { count, sum } = expected.get(startUs) ?? { count: 0, sum: 0 };
      expected.set(startUs, { count: count + 1, sum: sum + value });
    }
    const results = (await readItems(view.bus, streams.windows, subjects.windows('fleet'))) as WindowResult[];
    const byStart = Map.groupBy(results, ({ startUs }) => startUs);
    expect(new Set(byStart.keys())).toEqual(new Set(expected.keys()));
    for (const [startUs, revisions] of byStart) {
      expect(revisions.map(({ revision }) => revision)).toEqual(revisions.map((_, at) => at));
      const { count, sum } = expected.get(startUs)!;
      expect(revisions.at(-1)).toMatchObject({ window: 'site', key: 'site=plant1', count });
      expect(revisions.at(-1)!.sum).toBeCloseTo(sum, 3);
    }
    await until('InfluxDB holds the last revision of each', async () => {
      const rows = await millrace.influx(`SELECT revision, "count" FROM "windows"."windows" WHERE "window" = 'site'`);
      const last = (startUs: number) => byStart.get(startUs)!.at(-1)!;
      return (
        rows.length === byStart.size && rows.every((row) => row.revision === last(Number(row.time) / 1_000).revision)
      );
    });
  });

  it('each step of the rule was written once', async () => {
    const all = await Promise.all(
      partitions.map((partition) => readItems(view.bus, streams.alerts, subjects.alerts(partition))),
    );
    const told = (all.flat() as Transition[]).filter(({ notify }) => notify !== null);
    expect(told.map(({ device, timeUs, notify }) => `${device} ${timeUs} ${notify}`).toSorted()).toEqual(
      expectedTransitions(acknowledged),
    );
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
  });

  it('the ledger is balanced, nothing is in flight, and all is well', async () => {
    const ledger = await until('nothing is in flight', async () => {
      const now = await millrace.ledger();
      return now.inFlight === 0 && now;
    });
    expect(ledger).toMatchObject({ stored: acknowledged.length, quarantined: 0 });
    expect(ledgerDifference(ledger)).toBe(0);
    const ready = (await millrace.get('/readyz')) as { ready: boolean; degraded: string[] };
    expect(ready).toMatchObject({ ready: true, degraded: [] });
  });
});
