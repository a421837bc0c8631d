import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DeviceAnswer, DevicesAnswer, OverviewAnswer, Readiness, StatusAnswer } from '../../events/api.ts';
import type { AlertAnswer, AlertsAnswer } from '../../events/api-alerts.ts';
import type { LedgerAnswer } from '../../events/api-intake.ts';
import type { WindowResult } from '../../events/window.ts';
import { emptyLedger } from '../../events/ledger.ts';
import { device, firing, noLife, nowUs, presenceOf, startPipeline } from './pipeline-under-test.ts';
import type { PipelineUnderTest } from './pipeline-under-test.ts';

let pipeline: PipelineUnderTest;
const config = {
  fields: [{ name: 'temperature', label: 'Temperature', unit: '°C' }],
  rules: [{ name: 'hot', field: 'temperature', above: 85, clear: 80, severity: 'critical' }],
  windows: [{ name: '1m', size: '1m' }],
};

beforeAll(async () => {
  const devices = ['press-10', 'press-9', 'oven-1', 'oven-2', 'fan-3'].map((name) => device(`plant1/${name}`));
  pipeline = await startPipeline({ config, devices });
});
afterAll(() => pipeline[Symbol.asyncDispose]());

const devices = async (query = '') => (await pipeline.get<DevicesAnswer>(`/api/v1/devices${query}`)).body;
const names = ({ items }: DevicesAnswer) => items.map((row) => row.device);

describe('devices', () => {
  it('are there from the workers pages, in the order people expect, page by page', async () => {
    await vi.waitFor(async () => expect((await devices()).total).toBe(5));
    expect(names(await devices())).toEqual(['fan-3', 'oven-1', 'oven-2', 'press-9', 'press-10']);
    const first = await devices('?limit=2&q=site:plant1');
    expect(first).toMatchObject({
      matched: 5,
      columns: [{ name: 'temperature', label: 'Temperature', unit: '°C', devices: 5 }],
    });
    const second = await devices(`?limit=2&after=${encodeURIComponent(first.next!)}`);
    const third = await devices(`?limit=2&after=${encodeURIComponent(second.next!)}`);
    expect([...names(first), ...names(second), ...names(third)]).toEqual(names(await devices()));
    expect(third.next).toBeNull();
  });

  it('follow the live feed, and new ones appear', async () => {
    const timeUs = nowUs();
    pipeline.live({
      sequence: 2,
      nowUs: timeUs,
      readings: 1,
      items: [{ key: 'plant1/oven-1', time: timeUs, fields: { temperature: 91.5 } }],
      devices: [device('plant2/new-1')],
    });
    await vi.waitFor(async () => expect(names(await devices('?q=temperature>90'))).toEqual(['oven-1']));
    expect((await devices('?q=new')).total).toBe(6);
  });

  it('a device that the feed names and nobody knows is asked for', async () => {
    pipeline.worker.devices.push(device('plant1/late-1'));
    pipeline.live({ sequence: 3, nowUs: nowUs(), items: [{ key: 'plant1/late-1', time: nowUs(), fields: { t: 1 } }] });
    await vi.waitFor(async () => expect(names(await devices('?q=late'))).toEqual(['late-1']));
  });

  it('are online, offline, stale or retired as their workers say', async () => {
    const [oven, fan] = [device('plant1/oven-2'), device('plant1/fan-3')];
    const retired = { ...noLife, retired: true };
    pipeline.live({
      nowUs: nowUs(),
      sequence: 4,
      devices: [
        { ...oven, presence: presenceOf('offline') },
        { ...fan, presence: presenceOf('stale') },
      ],
    });
    await vi.waitFor(async () => expect(names(await devices('?q=is:stale'))).toEqual(['fan-3']));
    expect(await devices('?q=is:offline')).toMatchObject({
      stale: 2,
      items: [{ device: 'oven-2', presence: { state: 'offline', cause: 'broken' }, stale: true, ratePerS: 0 }],
    });
    pipeline.live({
      nowUs: nowUs(),
      sequence: 4,
      devices: [oven, { ...fan, presence: presenceOf('stale'), life: retired }],
    });
    await vi.waitFor(async () => expect(names(await devices('?q=is:retired'))).toEqual(['fan-3']));
    expect(await devices('?q=is:stale')).toMatchObject({ stale: 0, retired: 1, matched: 0 });
    pipeline.live({ nowUs: nowUs(), sequence: 4, devices: [fan] });
    await vi.waitFor(async () => expect((await devices('?q=is:retired')).matched).toBe(0));
  });

  /** As a worker's JSON says it: what is null is there, what is absent is not. */
  const partial: WindowResult = {
    window: '1m',
    key: 'plant1/oven-1',
    device: 'oven-1',
    field: 'temperature',
    tags: { site: 'plant1' },
    startUs: 60_000_000,
    endUs: 120_000_000,
    revision: 0,
    partial: true,
    count: 2,
    min: 1,
    max: 3,
    mean: 2,
    sum: 4,
    first: 1,
    last: 3,
    stddev: 1,
    p95: 3,
    durations: { run: 4 },
    origin: { partition: 0, sequence: 1, index: -1 },
  };

  it('one device has its rules, its ledger and what is said of its fields', async () => {
    pipeline.worker.page = { ledger: { ...emptyLedger, received: 7, stored: 7 }, partials: [partial] };
    const { status, body } = await pipeline.get<DeviceAnswer>('/api/v1/devices/plant1%2Foven-1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: { key: 'plant1/oven-1', fields: { temperature: { value: 91.5 } } },
      rules: [{ rule: 'hot', above: 85, clear: 80, state: 'unknown', condition: 'temperature above 85' }],
      ledger: { received: 7, stored: 7 },
      fields: [{ name: 'temperature', unit: '°C' }],
      windows: [{ name: '1m', sizeUs: 60_000_000 }],
      partials: [partial],
    });
  });

  it.each([
    ['/api/v1/devices/nobody', 404, 'NOT_FOUND'],
    ['/api/v1/devices?limit=0', 400, 'BAD_REQUEST'],
    ['/api/v1/devices?limit=501', 400, 'BAD_REQUEST'],
    ['/api/v1/devices?q=is:odd', 400, 'BAD_QUERY'],
    ['/api/v1/devices/plant1%2Foven-1/history?field=temperature&from=2&to=1', 400, 'BAD_RANGE'],
    ['/api/v1/devices/plant1%2Foven-1/history?field=temperature&from=x', 400, 'BAD_REQUEST'],
    ['/api/v1/devices/plant1%2Foven-1/history?field=temperature&from=1&window=9h', 404, 'NOT_FOUND'],
    ['/api/v1/devices/plant1%2Foven-1/history?field=temperature&from=1', 503, 'STORAGE_UNAVAILABLE'],
    ['/api/v1/nothing', 404, 'NOT_FOUND'],
    ['/api/v1/overview?range=1y', 400, 'BAD_REQUEST'],
  ])('%s answers %i %s', async (path, status, error) => {
    const answer = await pipeline.get<{ error: string; message: string }>(path);
    expect(answer).toMatchObject({ status, body: { error } });
    expect(answer.body.message).toMatch(/\.$/);
  });
});

describe('alerts', () => {
  it('are told by the live feed and by the stream, and count once', async () => {
    const transition = firing('plant1/press-9', 5);
    pipeline.live({ sequence: 5, nowUs: nowUs(), transitions: [transition] });
    await pipeline.store('alerts.0', [transition]);
    await vi.waitFor(async () => {
      const { body } = await pipeline.get<AlertsAnswer>('/api/v1/alerts?state=active');
      expect(body.active).toMatchObject([{ device: 'press-9', unit: '°C', state: 'firing', latest: 20 }]);
      expect(body.counts).toEqual({ info: 0, warning: 0, critical: 1, total: 1 });
    });
    expect(names(await devices()).at(0)).toBe('press-9');
    const { body } = await pipeline.get<AlertAnswer>('/api/v1/alerts/t5');
    expect(body).toMatchObject({ rule: { rule: 'hot' }, steps: [{ id: 't5' }] });
  });

  it('end, and are found among the resolved', async () => {
    const end = firing('plant1/press-9', 6, { id: 't6', from: 'firing', to: 'ok', notify: 'resolved' });
    await pipeline.store('alerts.0', [end]);
    await vi.waitFor(async () => {
      const { body } = await pipeline.get<AlertsAnswer>('/api/v1/alerts');
      expect(body).toMatchObject({ active: [], resolved: [{ device: 'press-9', id: 't6' }] });
    });
  });

  it("the product's own are among the figures while they are on", async () => {
    const alarm = { kind: 'system', code: 'INGEST_DOWN', message: 'Ingest is down.', atUs: nowUs(), active: true };
    const alarms = async () => (await pipeline.get<OverviewAnswer>('/api/v1/overview')).body.figures.alarms;
    await pipeline.store('alerts.system', alarm);
    await vi.waitFor(async () => expect(await alarms()).toContain('Ingest is down.'));
    await pipeline.store('alerts.system', { ...alarm, active: false });
    await vi.waitFor(async () => expect(await alarms()).not.toContain('Ingest is down.'));
  });
});

describe('the pipeline', () => {
  it('is ready when ingest and every worker reported, and says what is degraded', async () => {
    const influxError = 'InfluxDB has taken no write for 3 min.';
    pipeline.report({ process: 'ingest' });
    pipeline.report({ process: 'processors', influxError });
    await vi.waitFor(async () => {
      const { status, body } = await pipeline.get<Readiness>('/readyz');
      expect({ status, body }).toEqual({
        status: 200,
        body: { ready: true, durability: 'process', reasons: [], degraded: [influxError] },
      });
    });
    pipeline.report({ process: 'ingest', writable: false });
    pipeline.report({ process: 'processors', workers: [] });
    await vi.waitFor(async () => {
      const { status, body } = await pipeline.get<Readiness>('/readyz');
      expect(status).toBe(503);
      expect(body.reasons).toEqual(['The log takes no writes.', 'No worker reports for partition 0.']);
    });
  });

  it('has rates from what the counters gained, and a ledger that counts what the log still holds', async () => {
    const ledger = { ...emptyLedger, received: 90, stored: 80, quarantined: 4, duplicate: 5, inFlight: 1 };
    const position = { partition: 0, position: 1, lagMs: 40, stopped: '' };
    const gap = { partition: 0, cause: 'removed', from: 3, to: 9, messages: 7, sinceUs: 1, untilUs: 2 } as const;
    const transforms = { quiet: { filtered: 7, fields: 2, notFinite: 0, unmatched: 0 } };
    const report = (atUs: number, readings: number) =>
      pipeline.report({
        process: 'processors',
        instance: 'rates',
        atUs,
        readings,
        workers: [
          {
            ...position,
            nowUs: nowUs(),
            pending: 0,
            devices: 1,
            received: 100,
            late: 3,
            forgotten: 0,
            transforms,
            gaps: [gap],
          },
        ],
        storages: [{ ...position, ledger }],
      });
    pipeline.report({ process: 'processors', workers: [], storages: [] });
    report(1_000_000, 0);
    report(6_000_000, 500);
    await vi.waitFor(async () => {
      const { body } = await pipeline.get<OverviewAnswer>('/api/v1/overview');
      expect(body.figures.processors).toMatchObject({ readingsPerS: 100, lagMs: 40, workers: 1 });
      expect(body.figures.processorsHeardUs).toBeGreaterThan(0);
      expect(body.transforms).toEqual([{ name: 'quiet', does: null, ...transforms.quiet }]);
    });
    const { body } = await pipeline.get<LedgerAnswer>('/api/v1/ledger');
    expect(body).toMatchObject({ received: 100, stored: 80, inFlight: 11, late: 3, difference: 0, gaps: [gap] });
    expect(body.partitions).toHaveLength(1);
  });

  it('draws its figures second by second', async () => {
    await vi.waitFor(
      async () => {
        const { series } = (await pipeline.get<OverviewAnswer>('/api/v1/overview?range=15m')).body;
        expect(series.received.filter((value) => value !== null).length).toBeGreaterThan(0);
        expect(new Set(Object.values(series).map((column) => (column as unknown[]).length)).size).toBe(2);
      },
      { timeout: 10_000 },
    );
  });

  it('says what runs, where sensors publish, and what fields are', async () => {
    const { body } = await pipeline.get<StatusAnswer>('/api/v1/status');
    expect(body).toMatchObject({
      instance: 'd1',
      asksWho: false,
      mqttUrl: 'mqtt://127.0.0.1:1883',
      fields: [{ unit: '°C' }],
    });
    expect(body.processes.map(({ process }) => process)).toContain('dashboard');
  });

  it('gives metrics of every process under its name', async () => {
    const counter = { name: 'millrace_ingest_publishes_total', help: 'Publishes.', type: 'counter', aggregator: 'sum' };
    pipeline.report({ process: 'ingest', metrics: [{ ...counter, values: [{ value: 7, labels: { qos: '1' } }] }] });
    await vi.waitFor(async () => {
      const { body } = await pipeline.get<string>('/metrics');
      expect(body).toContain('millrace_ingest_publishes_total{qos="1",process="ingest",instance="test"} 7');
      expect(body).toMatch(/^millrace_devices 7$/m);
      expect(body).toMatch(/^millrace_ledger_readings\{state="in_flight"\} 11$/m);
    });
  });
});
