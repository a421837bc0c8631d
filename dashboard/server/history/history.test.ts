import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HistoryAnswer } from '../../../events/api.ts';
import type { DeviceState } from '../../../events/device.ts';
import type { Reading } from '../../../events/reading.ts';
import type { WindowResult } from '../../../events/window.ts';
import { readingLine, windowLine } from '../../../processors/storage/line-protocol.ts';
import { seriesNames } from '../../../processors/storage/series-names.ts';
import { runInflux } from '../../../test/running-servers.ts';
import type { ServerUnderTest } from '../../../test/running-servers.ts';
import { device, firing, nowUs, startPipeline } from '../pipeline-under-test.ts';
import type { PipelineUnderTest } from '../pipeline-under-test.ts';

const topics = [
  { template: 'sensors/{site}/{device}', format: 'json' as const },
  { template: 'sensors/{site}/{line}/{device}', format: 'json' as const },
];
const names = seriesNames(topics);
const second = 1_000_000;
/** A whole minute, ten minutes ago. */
const startUs = Math.floor((nowUs() - 600 * second) / (60 * second)) * 60 * second;

let influx: ServerUnderTest;
let pipeline: PipelineUnderTest;
const press: DeviceState = device('plant1/press-7', {
  fields: {
    temperature: { value: 20, timeUs: startUs, intervalUs: second },
    firmware: { value: '2.4.1', timeUs: startUs, intervalUs: second },
    open: { value: true, timeUs: startUs, intervalUs: second },
    site: { value: 3, timeUs: startUs, intervalUs: second },
  },
});

beforeAll(async () => {
  influx = await runInflux();
  for (const statement of [
    'CREATE DATABASE millrace WITH NAME readings',
    'CREATE RETENTION POLICY windows ON millrace DURATION 365d REPLICATION 1',
  ])
    await query(statement);
  const rule = { field: 'temperature', aggregate: 'max', above: 80 };
  const config = {
    topics,
    windows: [
      { name: '1m', size: '1m' },
      { name: 'site-1m', size: '1m', by: ['site'] },
      { name: 'visit', kind: 'session', gap: '1m', by: ['site'] },
    ],
    rules: [
      { ...rule, name: 'site-hot', window: 'site-1m' },
      { ...rule, name: 'visit-hot', window: 'visit' },
    ],
  };
  pipeline = await startPipeline({ config, influxUrl: influx.url, devices: [press] });
  await vi.waitUntil(async () => (await pipeline.get(`/api/v1/devices/plant1%2Fpress-7`)).status === 200);
});
afterAll(async () => {
  await pipeline[Symbol.asyncDispose]();
  await influx[Symbol.asyncDispose]();
});

async function query(statement: string): Promise<void> {
  const body = new URLSearchParams({ q: statement });
  const response = await fetch(`${influx.url}/query`, { method: 'POST', body });
  expect(await response.text()).not.toContain('error');
}

async function write(lines: readonly { kind: string; text?: string }[], policy = 'readings'): Promise<void> {
  const body = lines.map((line) => line.text).join('\n');
  const response = await fetch(`${influx.url}/write?db=millrace&rp=${policy}`, { method: 'POST', body });
  expect(response.status).toBe(204);
}

const origin = { partition: 0, sequence: 1, index: 0 };

/** A reading as storage writes it, `atS` seconds after the start. */
function reading(atS: number, fields: Reading['fields'], more: Partial<Reading> = {}) {
  const timeUs = startUs + atS * second;
  const { key, device: name, tags } = press;
  return readingLine(
    { key, device: name, tags, timeUs, ownTime: true, fields, receivedAtUs: timeUs, origin, ...more },
    names,
  );
}

async function history(field: string, more: Record<string, string | number> = {}): Promise<HistoryAnswer> {
  const search = new URLSearchParams({ field, from: `${startUs}`, to: `${nowUs()}` });
  for (const [name, value] of Object.entries(more)) search.set(name, `${value}`);
  const { status, body } = await pipeline.get<HistoryAnswer>(`/api/v1/devices/plant1%2Fpress-7/history?${search}`);
  expect(status).toBe(200);
  return body;
}

describe('readings', () => {
  it('come as they were, exact to the microsecond, with a null where nothing came', async () => {
    await write([
      reading(0, { temperature: 20.5 }),
      reading(1.000001, { temperature: 21 }),
      reading(10, { temperature: 22 }),
      // Not this device: another one of the same name deeper in the plant.
      reading(5, { temperature: 99 }, { key: 'plant1/line2/press-7', tags: { site: 'plant1', line: 'line2' } }),
    ]);
    const answer = await history('temperature');
    expect(answer).toMatchObject({ kind: 'raw', stepUs: null, gapUs: 3 * second, storedUpToUs: startUs + 10 * second });
    expect(answer.timesUs).toEqual([startUs, startUs + 1_000_001, startUs + 1_000_002, startUs + 10 * second]);
    expect(answer.values).toEqual([20.5, 21, null, 22]);
  });

  it('in the span only, both ends included', async () => {
    const from = startUs + 1_000_001;
    expect((await history('temperature', { from, to: startUs + 10 * second })).values).toEqual([21, null, 22]);
    expect((await history('temperature', { from: from + 1, to: startUs + 10 * second - 1 })).values).toEqual([]);
  });

  it('that are booleans are 1 and 0, texts are texts, a field like a tag is found', async () => {
    await write([
      reading(0, { open: true, firmware: '2.4.0', site: 3 }),
      reading(1, { open: false, firmware: '2.4.1' }),
    ]);
    expect((await history('open')).values).toEqual([1, 0]);
    expect((await history('site')).values).toEqual([3]);
    expect(await history('firmware')).toMatchObject({ kind: 'text', texts: ['2.4.0', '2.4.1'], values: [] });
  });

  it('names from outside stay names', async () => {
    expect((await history(`temperature" FROM "x"; DROP DATABASE millrace; --`)).values).toEqual([]);
    expect((await history('temperature')).values).toHaveLength(4);
  });
});

describe('where it joins the live feed', () => {
  it('what InfluxDB has not taken yet follows, once, and what it has is not repeated', async () => {
    const at = (seconds: number) => startUs + seconds * second;
    const items = [10, 11, 12].map((seconds) => ({
      key: press.key,
      time: at(seconds),
      fields: { temperature: seconds },
    }));
    pipeline.live({ sequence: 2, nowUs: nowUs(), items });
    await vi.waitFor(async () => {
      const { timesUs, values, upToUs, storedUpToUs } = await history('temperature');
      expect(timesUs.slice(-3)).toEqual([at(10), at(11), at(12)]);
      expect(values.slice(-3)).toEqual([22, 11, 12]);
      expect({ upToUs, storedUpToUs }).toEqual({ upToUs: at(12), storedUpToUs: at(10) });
    });
    await write([reading(11, { temperature: 11 })]);
    const { timesUs, storedUpToUs } = await history('temperature');
    expect(new Set(timesUs).size).toBe(timesUs.length);
    expect(timesUs.slice(-3)).toEqual([at(10), at(11), at(12)]);
    expect(storedUpToUs).toBe(at(11));
  });
});

describe('many readings', () => {
  it('come as least, greatest and mean of buckets: peaks stay', async () => {
    const count = 600;
    const values = Array.from({ length: count }, (_, index) => (index === 333 ? 500 : index % 10));
    await write(values.map((value, index) => reading(20 + index / 10, { pressure: value })));
    const answer = await history('pressure', { points: 50, from: startUs, to: startUs + 100 * second });
    expect(answer).toMatchObject({ kind: 'buckets', stepUs: 2 * second, upToUs: startUs + 79.9 * second });
    expect(answer.timesUs).toHaveLength(30);
    expect(answer.timesUs[0]).toBe(startUs + 20 * second);
    expect(Math.max(...answer.max.map(Number))).toBe(500);
    expect(answer.min[0]).toBe(0);
    expect(answer.values[0]).toBeCloseTo(4.5);
  });
});

describe('windows', () => {
  const window = (minute: number, mean: number): WindowResult => ({
    window: '1m',
    key: press.key,
    device: press.device,
    field: 'temperature',
    tags: press.tags,
    startUs: startUs + minute * 60 * second,
    endUs: startUs + (minute + 1) * 60 * second,
    revision: 0,
    origin,
    count: 2,
    min: mean - 1,
    max: mean + 1,
    mean,
    sum: mean * 2,
    first: mean,
    last: mean,
    stddev: 0,
  });

  it('come by name, and a missing one is a gap', async () => {
    await write(
      [window(0, 20), window(1, 21), window(3, 23)].map((one) => windowLine(one, names)),
      'windows',
    );
    const answer = await history('temperature', { window: '1m' });
    const minutes = answer.timesUs.map((timeUs) => (timeUs - startUs) / (60 * second));
    expect(answer).toMatchObject({ kind: 'window', stepUs: 60 * second, upToUs: startUs + 240 * second });
    expect(minutes).toEqual([0, 1, 2, 3]);
    expect(answer.values).toEqual([20, 21, null, 23]);
    expect(answer.max).toEqual([21, 22, null, 24]);
  });
});

describe('of a group of devices', () => {
  const group = { key: 'site=plant1', device: '', tags: { site: 'plant1' } };
  const closed = (tags: Record<string, string>, max: number): WindowResult => ({
    key: `site=${tags['site']}`,
    device: '',
    tags,
    window: 'site-1m',
    field: 'temperature',
    startUs,
    endUs: startUs + 60 * second,
    revision: 0,
    origin,
    count: 2,
    min: 1,
    max,
    mean: 2,
    sum: 4,
    first: 1,
    last: 3,
    stddev: 1,
  });
  const ask = (id: string) => pipeline.get<HistoryAnswer>(`/api/v1/alerts/${id}/history?from=${startUs}&to=${nowUs()}`);

  it('the windows that its rule judges come by its tags, with the aggregate judged', async () => {
    const lines = [closed(group.tags, 94), closed({ site: 'plant2' }, 70)].map((one) => windowLine(one, names));
    await write(lines, 'windows');
    await pipeline.store('alerts.fleet', [
      firing(group.key, 1, { ...group, id: 'g1', rule: 'site-hot' }),
      firing(group.key, 2, { ...group, id: 'g2', rule: 'visit-hot' }),
    ]);
    await vi.waitUntil(async () => (await ask('g1')).status === 200);
    const { body } = await ask('g1');
    expect(body).toMatchObject({
      kind: 'window',
      key: group.key,
      timesUs: [startUs],
      values: [94],
      min: [1],
      max: [94],
    });
    expect((await ask('g2')).status).toBe(404);
  });
});

it('is away, and says why, while InfluxDB is down', async () => {
  await influx.kill();
  const path = `/api/v1/devices/plant1%2Fpress-7/history?field=temperature&from=${startUs}`;
  const { status, body } = await pipeline.get<{ error: string; message: string }>(path);
  expect({ status, error: body.error }).toEqual({ status: 503, error: 'STORAGE_UNAVAILABLE' });
  expect(body.message).toMatch(/^InfluxDB does not answer: .*ECONNREFUSED/);
  await influx.restart();
  expect((await history('temperature')).values.length).toBeGreaterThan(4);
});
