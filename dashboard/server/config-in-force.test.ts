import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeviceAnswer, HistoryAnswer, StatusAnswer } from '../../events/api.ts';
import type { UnmatchedTopicsAnswer } from '../../events/api-intake.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { until } from '../../test/millrace.ts';
import { device, nowUs, startPipeline, type PipelineUnderTest, type ViewerUnderTest } from './pipeline-under-test.ts';

const rule = { name: 'hot', field: 'temperature', above: 60, severity: 'critical' };
const before = {
  rules: [rule],
  windows: [{ name: '1m', size: '1m' }],
  topics: [{ template: 'sensors/{site}/{device}', format: 'json' }],
};
const after = {
  rules: [{ ...rule, above: 65 }],
  windows: [...before.windows, { name: '10s', size: '10s' }],
  topics: [...before.topics, { template: 'home/{site}/{device}', format: 'json' }],
  fields: [{ name: 'temperature', unit: '°C' }],
};

/** An `apply` while the dashboard runs, seen with its own permissions. */
let pipeline: PipelineUnderTest;
let viewer: ViewerUnderTest;
beforeAll(async () => {
  pipeline = await startPipeline({ config: before, devices: [device('plant1/press-7')] });
  viewer = await pipeline.viewer();
  await until('the device is known', async () => (await pipeline.get(path)).status === 200);
  await pipeline.store('quarantine.0', [stray]);
  await until('the stray topic is known', async () => (await strays()).length === 1);
});
afterAll(async () => {
  viewer?.[Symbol.dispose]();
  await pipeline?.[Symbol.asyncDispose]();
});

const path = '/api/v1/devices/plant1%2Fpress-7';
const stray = {
  reason: 'no-template',
  detail: '',
  topic: 'home/kitchen/thermo',
  client: 'c',
  key: null,
  receivedAtUs: nowUs(),
  bytes: 2,
  firstBytes: Buffer.from('{}').toString('base64'),
  origin: { partition: 0, sequence: 1, index: 0 },
};
const ask = async () => (await pipeline.get<DeviceAnswer>(path)).body;
/** There with any configuration. */
const lineProtocol = [{ template: 'influx/{bucket}' }, { template: 'influx/{bucket}/{precision}' }];

const strays = async () => (await pipeline.get<UnmatchedTopicsAnswer>('/api/v1/topics/unmatched')).body.topics;
const put = (config: object) => publishConfig(pipeline.bus, 1, processingConfig(configSchema.parse(config)));

it('what is put in force is shown, without a restart, and viewers hear of it', async () => {
  expect(await ask()).toMatchObject({ rules: [{ above: 60 }], windows: [{ name: '1m' }], fields: [{ unit: '' }] });

  const first = await put(before);
  await until('viewers know the version', () => viewer.of('stats').at(-1)?.figures.configVersion === first);
  const second = await put(after);
  await until('viewers know the next', () => viewer.of('stats').at(-1)?.figures.configVersion === second);

  expect(await ask()).toMatchObject({
    rules: [{ rule: 'hot', above: 65, condition: 'temperature above 65' }],
    windows: [{ name: '1m' }, { name: '10s', sizeUs: 10_000_000 }],
    fields: [{ unit: '°C' }],
  });
  const status = await pipeline.get<StatusAnswer>('/api/v1/status');
  expect(status.body).toMatchObject({
    topics: [{}, { template: 'home/{site}/{device}' }, ...lineProtocol],
    fields: [{ unit: '°C' }],
  });
  // It gets as far as asking InfluxDB, which this pipeline has not.
  const history = await pipeline.get<HistoryAnswer>(`${path}/history?field=temperature&from=0&window=10s`);
  expect(history.status).toBe(503);
  expect(await strays()).toEqual([]);
});
