import { expect, it, vi } from 'vitest';
import type { DeviceAnswer } from '../../events/api.ts';
import type { AlertAnswer } from '../../events/api-alerts.ts';
import { device, firing, startPipeline } from './pipeline-under-test.ts';

const config = {
  fields: [{ name: 'temperature' }],
  rules: [
    { name: 'hot', field: 'temperature', above: 85 },
    { name: 'site-hot', window: 'site-1m', field: 'temperature', aggregate: 'max', above: 80 },
  ],
  windows: [{ name: 'site-1m', size: '1m', by: ['site'] }],
};

it('an alert of what spans devices has its rule, and no device has that', async () => {
  await using pipeline = await startPipeline({ config, devices: [device('plant1/oven-1')] });
  const over = { id: 'g1', rule: 'site-hot', key: 'site=plant1', device: '', tags: { site: 'plant1' } };
  await pipeline.store('alerts.fleet', [firing('site=plant1', 1, over)]);
  await vi.waitFor(async () => {
    const { body } = await pipeline.get<AlertAnswer>('/api/v1/alerts/g1');
    expect(body).toMatchObject({ rule: { rule: 'site-hot', window: 'site-1m', above: 80 }, steps: [{ id: 'g1' }] });
    const one = await pipeline.get<DeviceAnswer>('/api/v1/devices/plant1%2Foven-1');
    expect(one.body.rules.map(({ rule }) => rule)).toEqual(['hot']);
  });
});
