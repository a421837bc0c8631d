import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { WatchedKeys, WindowsNow } from '../../../events/live.ts';
import { subjects } from '../../../events/subjects.ts';
import type { WindowResult } from '../../../events/window.ts';
import { publishCore, subscribeCore } from '../../../infra/bus/core.ts';
import { device, firing, nowUs, startPipeline } from '../pipeline-under-test.ts';
import type { PipelineUnderTest, ViewerUnderTest } from '../pipeline-under-test.ts';
import { waitingBytesMax } from './viewer.ts';

let pipeline: PipelineUnderTest;
let sequence = 1;
const fleet = Array.from({ length: 2_000 }, (_, index) => `plant1/d${index}`);

beforeAll(async () => {
  pipeline = await startPipeline({ devices: [device('plant1/a'), device('plant1/b'), device('plant1/c')] });
  await vi.waitUntil(async () => (await pipeline.get<{ total: number }>('/api/v1/devices')).body.total === 3);
});
afterAll(() => pipeline[Symbol.asyncDispose]());

/** One batch of the feed with readings as `[key, value]`. */
function feed(...readings: (readonly [key: string, value: number])[]): void {
  const items = readings.map(([key, t], index) => ({ key, time: nowUs() + index, fields: { t } }));
  pipeline.live({
    sequence: ++sequence,
    nowUs: nowUs(),
    readings: items.length,
    items,
    oldestReceivedAtUs: nowUs() - 50_000,
  });
}

const values = (viewer: ViewerUnderTest) =>
  viewer.of('readings').flatMap(({ items }) => items.map(({ key, fields }) => [key, fields['t']]));

it('greets, and tells everybody the figures once a second', async () => {
  using viewer = await pipeline.viewer();
  expect(viewer.frames[0]).toMatchObject({ type: 'hello', instance: 'd1' });
  await vi.waitFor(() => expect(viewer.of('stats').length).toBeGreaterThan(1), { timeout: 5_000 });
  expect(viewer.of('stats')[0]!.figures).toMatchObject({ live: { viewers: 1 }, sensors: { devices: 3 } });
});

describe('readings', () => {
  it('of all devices come conflated: each once a frame, with its latest value', async () => {
    using viewer = await pipeline.viewer({ devices: ['*'], alerts: false });
    await vi.waitFor(() => {
      feed(['plant1/a', 1], ['plant1/a', 2], ['plant1/b', 3], ['plant1/a', 4]);
      expect(viewer.of('readings').length).toBeGreaterThan(2);
    });
    for (const { items } of viewer.of('readings')) {
      expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
      expect(items.find(({ key }) => key === 'plant1/a')?.fields).toEqual({ t: 4 });
    }
  });

  it('of devices named come one by one, and none of others', async () => {
    using viewer = await pipeline.viewer({ devices: ['plant1/a'], alerts: false });
    // Until the subscription is in force.
    await vi.waitFor(() => {
      feed(['plant1/a', 0]);
      expect(viewer.of('readings').length).toBeGreaterThan(0);
    });
    feed(['plant1/a', 1], ['plant1/b', 2], ['plant1/a', 3]);
    await vi.waitFor(() =>
      expect(values(viewer).slice(-2)).toEqual([
        ['plant1/a', 1],
        ['plant1/a', 3],
      ]),
    );
    expect(values(viewer).some(([key]) => key !== 'plant1/a')).toBe(false);
  });

  it('carry what came since the last one together, not each change by itself', async () => {
    using viewer = await pipeline.viewer({ devices: ['*'], alerts: false });
    let fed = 0;
    const busy = setInterval(() => feed(['plant1/a', ++fed]), 10);
    await vi.waitFor(() => expect(values(viewer).length).toBeGreaterThan(6), { timeout: 10_000 });
    clearInterval(busy);
    expect(fed).toBeGreaterThan(2 * values(viewer).length);
  });

  it('are timed from their arrival at ingest to the frame', async () => {
    using viewer = await pipeline.viewer();
    await vi.waitFor(
      () => {
        feed(['plant1/a', 1]);
        expect(viewer.of('stats').at(-1)?.figures.live.screen.p50).toBeGreaterThan(45);
      },
      { timeout: 5_000 },
    );
  });
});

it('tells new devices, stale ones, and alerts with their counts', async () => {
  using viewer = await pipeline.viewer({ devices: ['*'], alerts: true });
  using quiet = await pipeline.viewer({ devices: ['plant1/b'], alerts: false });
  await vi.waitFor(() => {
    feed(['plant1/b', 1]);
    expect(viewer.of('readings').length * quiet.of('readings').length).toBeGreaterThan(0);
  });
  pipeline.live({ sequence: ++sequence, nowUs: nowUs(), devices: [device('plant1/new')] });
  await vi.waitFor(() =>
    expect(viewer.of('devices').flatMap(({ items }) => items)).toMatchObject([{ key: 'plant1/new' }]),
  );
  pipeline.live({ sequence: ++sequence, nowUs: nowUs(), transitions: [firing('plant1/c', sequence)] });
  await vi.waitFor(() =>
    expect(viewer.of('alert')).toMatchObject([{ transition: { rule: 'hot' }, counts: { total: 1 } }]),
  );
  const rows = viewer.of('devices').flatMap(({ items }) => items);
  expect(rows.at(-1)).toMatchObject({ key: 'plant1/c', alert: { rule: 'hot', severity: 'critical' }, spark: null });
  expect([...quiet.of('devices'), ...quiet.of('alert')]).toEqual([]);
});

describe('open windows', () => {
  const result = (key: string, count: number, more: Partial<WindowResult> = {}): WindowResult => {
    const about = { window: '10s', key, device: key, field: 't', tags: {}, startUs: 0, endUs: 10e6, revision: 0 };
    const numbers = { count, min: 1, max: 1, mean: 1, sum: count, first: 1, last: 1, stddev: 0 };
    return { ...about, ...numbers, origin: { partition: 0, sequence: count, index: -1 }, ...more };
  };
  const tell = (lane: number | 'fleet', ...items: WindowsNow[]) =>
    publishCore(pipeline.bus, subjects.livePartials(lane), JSON.stringify({ lane, items }));
  const open = (key: string, count: number) => ({ key, open: [result(key, count, { partial: true })], closed: [] });
  const seen = (viewer: ViewerUnderTest) => viewer.of('windows').flatMap(({ items }) => items);
  const watch = (devices: string[], groups: string[] = []) =>
    pipeline.viewer({ devices: [], alerts: false, windows: { devices, groups } });
  let wanted: WatchedKeys[] = [];

  beforeAll(() => {
    subscribeCore(pipeline.bus, subjects.queryPartials, (data) => {
      wanted.push(JSON.parse(Buffer.from(data).toString()) as WatchedKeys);
    });
  });
  beforeEach(() => {
    wanted = [];
  });

  it('are asked for while somebody watches, and no longer', async () => {
    {
      using viewer = await watch(['plant1/a'], ['site=plant1']);
      using other = await watch(['plant1/b']);
      const both = { devices: ['plant1/a', 'plant1/b'], groups: ['site=plant1'] };
      await vi.waitFor(() => expect(wanted).toContainEqual({ watcher: expect.any(String), ...both }));
      // Said again, so that a worker that starts hears of it.
      await vi.waitFor(() => expect(wanted.length).toBeGreaterThan(2), { timeout: 8_000 });
      expect(viewer.of('error').length + other.of('error').length).toBe(0);
    }
    await vi.waitFor(() => expect(wanted.at(-1)).toMatchObject({ devices: [], groups: [] }));
  });

  it('grow for those who watch, and are replaced by the result', async () => {
    using viewer = await watch(['plant1/a']);
    using other = await watch(['plant1/b']);
    await vi.waitFor(() => expect(wanted.at(-1)?.devices).toEqual(['plant1/a', 'plant1/b']));
    tell(0, open('plant1/a', 1), open('plant1/c', 9));
    await vi.waitFor(() =>
      expect(seen(viewer)).toMatchObject([{ scope: 'device', open: [{ partial: true, count: 1 }] }]),
    );
    tell(0, { key: 'plant1/a', open: [], closed: [result('plant1/a', 2)] });
    await vi.waitFor(() => expect(seen(viewer).at(-1)).toMatchObject({ open: [], closed: [{ count: 2 }] }));
    expect(seen(viewer).map(({ key }) => key)).toEqual(['plant1/a', 'plant1/a']);
    expect(seen(other)).toEqual([]);
  });

  it('are there at once for who comes later', async () => {
    using viewer = await watch(['plant1/a']);
    await vi.waitFor(() => expect(wanted.at(-1)?.devices).toEqual(['plant1/a']));
    tell(0, open('plant1/a', 3));
    await vi.waitFor(() => expect(seen(viewer)).toHaveLength(1));
    using later = await watch(['plant1/a']);
    await vi.waitFor(() => expect(seen(later)).toMatchObject([{ open: [{ count: 3 }] }]));
  });

  it('of a device are those of its own partition, of a group those of the fleet', async () => {
    using viewer = await watch(['plant1/c'], ['plant1/c']);
    await vi.waitFor(() => expect(wanted.at(-1)?.groups).toEqual(['plant1/c']));
    tell(1, open('plant1/c', 7));
    tell('fleet', open('plant1/c', 8));
    tell(0, open('plant1/c', 9));
    await vi.waitFor(() => expect(seen(viewer)).toHaveLength(2));
    expect(seen(viewer).map(({ scope, open: [first] }) => [scope, first!.count])).toEqual(
      expect.arrayContaining([
        ['group', 8],
        ['device', 9],
      ]),
    );
  });

  it('of more keys than are watched: who asks too much is told', async () => {
    const keys = (from: number) => Array.from({ length: 20 }, (_, i) => `plant1/d${from + i}`);
    const viewers = await Promise.all(Array.from({ length: 10 }, (_, i) => watch(keys(i * 20))));
    await vi.waitFor(() => expect(wanted.at(-1)?.devices).toHaveLength(200));
    using late = await watch(['plant1/a']);
    await vi.waitFor(() => expect(late.of('error')).toMatchObject([{ error: 'TOO_MANY_WATCHED' }]));
    for (const viewer of viewers) viewer[Symbol.dispose]();
    await vi.waitFor(() => expect(wanted.at(-1)?.devices).toEqual(['plant1/a']));
  });
});

describe('a viewer', () => {
  it('that does not read gets fewer frames, never more memory, and at last the present values', async () => {
    using slow = await pipeline.viewer({ devices: ['*'], alerts: false });
    using fast = await pipeline.viewer({ devices: ['*'], alerts: false });
    pipeline.live({ sequence: ++sequence, nowUs: nowUs(), devices: fleet.map((key) => device(key)) });
    await vi.waitFor(() => expect(fast.of('devices').length * slow.of('devices').length).toBeGreaterThan(0));
    slow.socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    let round = 0;
    const text = 'x'.repeat(500);
    // More than what socket buffers of the system hold, so that the server's own buffer would have to grow.
    await vi.waitFor(
      () => {
        round++;
        const items = fleet.map((key) => ({ key, time: nowUs() + 1e6, fields: { t: round, text } }));
        for (let part = 0; part < items.length; part += 500)
          pipeline.live({ sequence: ++sequence, nowUs: nowUs(), items: items.slice(part, part + 500) });
        expect(fast.of('readings').length).toBeGreaterThan(25);
      },
      { timeout: 25_000, interval: 100 },
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20 + waitingBytesMax);
    slow.socket.resume();
    await vi.waitFor(
      () => {
        const latest = new Map(values(slow) as [string, number][]);
        expect(fleet.every((key) => latest.get(key) === round)).toBe(true);
      },
      { timeout: 20_000 },
    );
    expect(slow.of('readings').length).toBeLessThan(fast.of('readings').length);
  });

  it('that sends nonsense is told, and closed when it goes on', async () => {
    using viewer = await pipeline.viewer();
    const closed = new Promise<number>((resolve) => viewer.socket.on('close', resolve));
    for (let n = 0; n < 5; n++) viewer.socket.send('nonsense');
    expect(await closed).toBe(1008);
    expect(viewer.of('error')).toHaveLength(5);
    expect(viewer.of('error')[0]).toMatchObject({ error: 'BAD_MESSAGE' });
  });

  it('that sends more than 16 KiB is closed', async () => {
    using viewer = await pipeline.viewer();
    const closed = new Promise<number>((resolve) => viewer.socket.on('close', resolve));
    viewer.socket.send('x'.repeat(16 * 1024 + 1));
    expect(await closed).toBe(1009);
  });

  it.each([
    ['of another site', '/live', { origin: 'http://evil.example' }, 403],
    ['by an unknown name', '/live', { host: 'evil.example' }, 421],
    ['somewhere else', '/elsewhere', {}, 404],
  ])('%s is refused', async (_, path, headers, status) => {
    const socket = new WebSocket(pipeline.url.replace('http', 'ws') + path, { headers });
    const answer = await new Promise<number | undefined>((resolve) => {
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      socket.on('error', () => {});
    });
    expect(answer).toBe(status);
  });

  it('of our own origin is welcome', async () => {
    const socket = new WebSocket(`${pipeline.url.replace('http', 'ws')}/live`, { headers: { origin: pipeline.url } });
    await new Promise((resolve, reject) => socket.on('message', resolve).on('error', reject));
    socket.terminate();
  });
});
