import { expect, it } from 'vitest';
import { createPipeline } from '../pipeline.ts';
import { logOf, publish, stepsOf, stored, testConfig } from '../test-log.ts';
import dewPoint, { dewPointOf } from './example.ts';

// Sonntag (1990), to a tenth.
it.each([
  [20, 100, 20],
  [20, 50, 9.3],
  [30, 80, 26.2],
  [-5, 70, -9.6],
])('%f °C at %f %% has its dew point at %f °C', (temperature, humidity, expected) => {
  expect(dewPointOf(temperature, humidity)).toBeCloseTo(expected, 1);
});

const start = (restored?: unknown) =>
  createPipeline({
    config: testConfig(),
    partition: 0,
    partitions: 1,
    customs: [{ name: 'dew', file: 'example.ts', hash: '1', run: dewPoint }],
    restored,
  });
const reading = (fields: Record<string, number>) => publish('sensors/plant/room', JSON.stringify(fields), { qos: 0 });

it('derives from readings that hold both', () => {
  const [step] = stepsOf(
    start().operator,
    logOf([
      0,
      reading({ temperature: 20, humidity: 100 }),
      reading({ temperature: 20 }),
      reading({ humidity: 0, temperature: 1 }),
    ]),
  );
  expect(step!.derived).toMatchObject([
    { processor: 'dew', key: 'plant/room', fields: { dew_point: 20, dew_point_mean: 20 } },
  ]);
});

it('its mean and its alert go on over a restart', () => {
  const damp = reading({ temperature: 30, humidity: 100 });
  const dry = reading({ temperature: 20, humidity: 30 });
  const first = start();
  const before = stepsOf(first.operator, logOf([0, damp]));
  const after = stepsOf(start(stored(first.snapshot())).operator, logOf([1, damp], [2, dry], [3, dry], [4, dry]));
  const told = [...before, ...after].flatMap(({ transitions }) => transitions).map(({ to, notify }) => [to, notify]);
  expect(told).toEqual([
    ['firing', 'firing'],
    ['ok', 'resolved'],
  ]);
});
