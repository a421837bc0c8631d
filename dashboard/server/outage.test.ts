import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { DevicesAnswer, Readiness } from '../../events/api.ts';
import type { AlertsAnswer } from '../../events/api-alerts.ts';
import { device, firing, nowUs, startPipeline } from './pipeline-under-test.ts';
import type { PipelineUnderTest } from './pipeline-under-test.ts';

let pipeline: PipelineUnderTest;
const known = async () => (await pipeline.get<DevicesAnswer>('/api/v1/devices')).body.items.map(({ key }) => key);

beforeAll(async () => {
  pipeline = await startPipeline({ devices: [device('plant1/a')] });
  await vi.waitUntil(async () => (await known()).length === 1);
});
afterAll(() => pipeline[Symbol.asyncDispose]());

it('a nats-server that dies is told, and what came while the link was down is found afterwards', async () => {
  await pipeline.nats.kill();
  await vi.waitFor(async () => {
    const { status, body } = await pipeline.get<Readiness>('/readyz');
    expect(status).toBe(503);
    expect(body.reasons).toContain('NATS cannot be reached.');
  });
  // The page goes on with what is known.
  expect(await known()).toEqual(['plant1/a']);
  pipeline.worker.devices.push(device('plant1/b'));
  await pipeline.nats.restart();
  await vi.waitFor(async () => expect(await known()).toEqual(['plant1/a', 'plant1/b']), { timeout: 20_000 });
  await pipeline.bus.whenConnected();
  await pipeline.store('alerts.0', [firing('plant1/b', 9)]);
  await vi.waitFor(async () => expect((await pipeline.get<AlertsAnswer>('/api/v1/alerts')).body.counts.total).toBe(1), {
    timeout: 20_000,
  });
}, 60_000);

it('a worker that repeats what it said tells nobody twice; one that goes on is followed', async () => {
  using viewer = await pipeline.viewer({ devices: ['plant1/a'], alerts: true });
  const times = [1, 2, 3].map((step) => nowUs() + step * 1_000_000);
  const say = (sequence: number, timeUs: number) =>
    pipeline.live({ sequence, nowUs: timeUs, items: [{ key: 'plant1/a', time: timeUs, fields: { t: sequence } }] });
  const told = () => viewer.of('readings').flatMap(({ items }) => items.map(({ fields }) => fields['t']));
  await vi.waitFor(() => {
    say(100, times[0]!);
    expect(told()).toContain(100);
  });
  say(101, times[1]!);
  await vi.waitFor(() => expect(told()).toContain(101));
  const before = told().length;
  say(100, times[0]!);
  say(101, times[1]!);
  say(102, times[2]!);
  await vi.waitFor(() => expect(told()).toContain(102));
  expect(
    told()
      .slice(before)
      .filter((value) => value === 100),
  ).toEqual([]);
});

it('another log, with positions from the start, replaces what was known', async () => {
  pipeline.worker.devices = [device('plant9/new')];
  pipeline.live({ sequence: 1, nowUs: nowUs() + 60_000_000, devices: [device('plant9/new')] });
  await vi.waitFor(async () => expect(await known()).toEqual(['plant9/new']));
});
