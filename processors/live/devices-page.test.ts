import { expect, it } from 'vitest';
import { createPipeline } from '../pipeline.ts';
import { logOf, logStartUs, publish, stepsOf, testConfig } from '../test-log.ts';
import { devicesAnswer } from './devices-page.ts';

it('the page of one device has its open windows so far; pages of many have none', () => {
  const config = testConfig({
    windows: [
      { name: '1m', size: '1m', aggregates: ['p95'] },
      { name: 'all', size: '1m', by: [] },
    ],
    rules: [
      { name: 'slow', window: '1m', field: 't', aggregate: 'p95', above: 80 },
      { name: 'every', window: 'all', field: 't', aggregate: 'mean', above: 0 },
    ],
  });
  const pipeline = createPipeline({ partition: 0, partitions: 1, config, customs: [] });
  const sent = (t: number, atS: number) =>
    publish('sensors/plant/press', JSON.stringify({ t, time: logStartUs / 1e3 + atS * 1e3 }), { qos: 0 });
  const steps = stepsOf(pipeline.operator, logOf([0, sent(70, 0)], [10, sent(90, 10)], [70, sent(10, 70)]));
  const view = {
    devices: pipeline.devices,
    alerts: pipeline.alerts,
    ledger: pipeline.ledger,
    partials: (key: string) => pipeline.partials(key, { sequence: 3 }),
  };
  const at = { partition: 0, sequence: 3, nowUs: 0 };
  expect(JSON.parse(devicesAnswer(at, view, { key: 'plant/press' }))).toMatchObject({
    partials: [{ window: '1m', field: 't', count: 1, mean: 10, partial: true, revision: 0, origin: { sequence: 3 } }],
  });
  expect(JSON.parse(devicesAnswer(at, view, {}))).toMatchObject({ devices: [{ key: 'plant/press' }], partials: [] });

  // Windows of the fleet, and rules on them, are not a partition's; rules judge what else was computed.
  expect(steps.flatMap(({ windows }) => windows.map(({ window, count }) => [window, count]))).toEqual([['1m', 2]]);
  expect(pipeline.alerts().map(({ rule, state }) => [rule, state])).toEqual([['slow', 'ok']]);
});
