import { describe, expect, it } from 'vitest';
import type { LifeOperation, LogRecord } from '../../events/record.ts';
import { Rebuild, RebuildClock } from '../change/rebuild.ts';
import { createPipeline } from '../pipeline.ts';
import { control, logOf, logStartUs, publish, stepsOf, stored, testConfig, tick } from '../test-log.ts';
import { DeviceLives, erasuresMax } from './device-lives.ts';
import { erasedIn } from './erased-in.ts';
import { operationOf } from './life-request.ts';

const series = { device: 'd1', tags: { site: 'plant' } };
const config = testConfig({
  windows: [{ name: '10s', size: '10s', lateness: '0s', idle: '1h' }],
  rules: [{ name: 'hot', field: 't', above: 60 }],
});
const lane = { partition: 0, partitions: 1 };
const at = (device: string, t: number, seconds: number): LogRecord =>
  publish(`sensors/plant/${device}`, JSON.stringify({ t, time: (logStartUs + seconds * 1e6) / 1e3 }), { qos: 0 });
const life = (operation: LifeOperation): LogRecord => ({ kind: 'life', atUs: 0, operation });

function run(...messages: Parameters<typeof logOf>) {
  const pipeline = createPipeline({ config, ...lane, customs: [] });
  const steps = stepsOf(pipeline.operator, logOf(...messages));
  const windows = steps.flatMap((step) => step.windows.map((one) => [one.key, one.count]));
  const told = steps.flatMap((step) => step.transitions.map((one) => [one.key, one.to, one.notify, one.why]));
  return { pipeline, steps, windows, told };
}

describe('retire', () => {
  const retired = [
    [0, at('d1', 90, 0)],
    [1, life({ kind: 'retire', key: 'plant/d1' })],
    [2, at('d1', 95, 12)],
  ] as const;

  it('closes windows, ends alerts and tells so; readings are taken, and nothing judges them', () => {
    const { pipeline, steps, windows, told } = run(...retired, [3, at('d1', 95, 30)]);
    expect(windows).toEqual([['plant/d1', 1]]);
    expect(told).toEqual([
      ['plant/d1', 'firing', 'firing', undefined],
      ['plant/d1', 'unknown', 'resolved', 'retired'],
    ]);
    expect(steps.flatMap(({ readings }) => readings)).toHaveLength(3);
    expect(pipeline.devices.get('plant/d1')).toMatchObject({ readings: 3, life: { retired: true } });
    expect(pipeline.totals.forgotten).toBe(0);
  });

  it('revived, its windows begin anew', () => {
    const { windows } = run(
      ...retired,
      [3, life({ kind: 'revive', key: 'plant/d1' })],
      [4, at('d1', 1, 13), at('d1', 2, 14)],
      [5, at('d1', 1, 30)],
    );
    expect(windows).toEqual([
      ['plant/d1', 1],
      ['plant/d1', 2],
    ]);
  });

  it('stays so over a checkpoint and over being forgotten, until it is revived', () => {
    const { pipeline } = run(...retired);
    const restored = createPipeline({ config, ...lane, customs: [], restored: stored(pipeline.snapshot()) });
    const steps = stepsOf(
      restored.operator,
      logOf([3, at('d1', 99, 40)], [4, life({ kind: 'revive', key: 'plant/d1' })], [5, at('d1', 99, 41)]).map(
        (message) => ({ ...message, sequence: message.sequence + 3 }),
      ),
    );
    expect(steps.map(({ transitions }) => transitions.map(({ to }) => to))).toEqual([[], [], ['firing']]);
    expect(restored.devices.get('plant/d1')).toMatchObject({ life: { retired: false } });
  });
});

describe('replace', () => {
  const operation: LifeOperation = { kind: 'replace', key: 'plant/d1', by: 'plant/d2', series };

  it('goes on with the history of the old hardware, under its name and tags', () => {
    const { pipeline, steps, windows } = run(
      [0, at('d1', 1, 0)],
      [1, at('d2', 5, 1)],
      [2, life(operation)],
      [3, at('d2', 2, 4), at('d1', 3, 5)],
      [4, at('d2', 2, 20)],
    );
    expect(steps[3]!.readings.map(({ key, device, tags }) => [key, device, tags])).toEqual([
      ['plant/d1', 'd1', { site: 'plant' }],
      ['plant/d1', 'd1', { site: 'plant' }],
    ]);
    expect(windows).toEqual([
      ['plant/d2', 1],
      ['plant/d1', 3],
    ]);
    expect(
      pipeline.devices.page(undefined, 9).map(({ key, topic, life: { replacedBy } }) => [key, topic, replacedBy]),
    ).toEqual([['plant/d1', 'sensors/plant/d2', 'plant/d2']]);
  });

  it('another replacement takes the place of the one before', () => {
    const { steps } = run(
      [0, at('d1', 1, 0)],
      [1, life(operation)],
      [2, life({ ...operation, by: 'plant/d3' })],
      [3, at('d2', 2, 4), at('d3', 3, 5)],
    );
    expect(steps[3]!.readings.map(({ key }) => key)).toEqual(['plant/d2', 'plant/d1']);
  });

  it.each<[string, LifeOperation[], RegExp]>([
    ['by itself', [{ ...operation, by: 'plant/d1' }], /is the device itself/],
    [
      'one that is the history of another',
      [operation, { ...operation, key: 'plant/d2', by: 'plant/d9' }],
      /are those of plant\/d1 already/,
    ],
    ['by what replaces another', [operation, { ...operation, key: 'plant/d5' }], /are those of plant\/d1 already/],
    ['by one that was replaced', [operation, { ...operation, key: 'plant/d5', by: 'plant/d1' }], /was itself replaced/],
    ['again by the same', [operation, operation], /^done$/],
  ])('%s', (_what, operations, outcome) => {
    const { steps } = run(...operations.map((one, i) => [i, life(one)] as const));
    const last = steps.at(-1)!.lives[0]!.outcome;
    expect(last).toMatch(outcome);
  });
});

describe('erase', () => {
  const erase: LifeOperation = { kind: 'erase', key: 'plant/d1', series };

  it('drops all that is known, gives no result of open windows, and marks the place for storage', () => {
    const { pipeline, steps, windows, told } = run([0, at('d1', 90, 0)], [1, life(erase)], [2, at('d1', 1, 3)]);
    expect(windows).toEqual([]);
    expect(told).toEqual([
      ['plant/d1', 'firing', 'firing', undefined],
      ['plant/d1', 'unknown', 'resolved', 'erased'],
      ['plant/d1', 'ok', null, undefined],
    ]);
    expect(pipeline.devices.get('plant/d1')?.readings).toBe(1);
    expect(pipeline.totals).toMatchObject({ received: 2, readings: 2, forgotten: 0 });
    expect(erasedIn(steps[1]!)).toEqual([
      { erased: true, key: 'plant/d1', series, origin: { partition: 0, sequence: 2, index: -1 } },
    ]);
  });

  it('what a rebuild finds from before stays gone', () => {
    const messages = logOf(
      [0, at('d1', 90, 0), at('d2', 90, 0)],
      [12, at('d1', 1, 12), at('d2', 1, 12)],
      [13, life(erase)],
      [14, tick],
    );
    const whole = createPipeline({ config: testConfig({}), ...lane, customs: [] });
    stepsOf(whole.operator, messages);
    const clock = new RebuildClock();
    for (const { nowUs, records } of messages) clock.take(nowUs, records);
    const rebuild = new Rebuild(config, lane, whole.elapsedUs, clock.elapsedUs);
    for (const message of messages) rebuild.take({ ...message, missing: 0, sinceUs: 0 });
    whole.reconfigure(config, [], { kind: 'rebuild', rebuilt: rebuild.result(testConfig({}), config) });
    const [step] = stepsOf(whole.operator, [
      { partition: 0, sequence: 5, nowUs: logStartUs + 15e6, records: [control] },
    ]);
    expect(step!.windows.map(({ key }) => key)).toEqual(['plant/d2']);
    expect(new Set(step!.transitions.map(({ key }) => key))).toEqual(new Set(['plant/d2']));
  });

  it('remembers so many', () => {
    const lives = new DeviceLives();
    for (let i = 0; i <= erasuresMax; i++) lives.apply({ ...erase, key: `k${i}` }, i + 1, 1);
    expect([lives.isErased('k0', 1), lives.isErased('k1', 2), lives.isErased('k1', 3)]).toEqual([false, true, false]);
  });
});

it('labels are bounded, and free again', () => {
  const lives = new DeviceLives();
  const rename = (key: string, label: string) => lives.apply({ kind: 'rename', key, label }, 1, 1);
  expect(rename('a', 'Press 7')).toBe('done');
  expect(rename('b', 'Press 8')).toMatch(/already has 1 devices/);
  expect(rename('a', '')).toBe('done');
  expect(rename('b', 'Press 8')).toBe('done');
  expect(new DeviceLives(stored(lives.snapshot()) as never).of('b').label).toBe('Press 8');
});

it.each<[string, Parameters<typeof operationOf>[0], object]>([
  ['an unknown device', { kind: 'retire', key: 'plant/nobody' }, { outcome: 'unknown' }],
  ['a label of two lines', { kind: 'rename', key: 'plant/d1', label: 'a\nb' }, { outcome: 'refused' }],
  ['a label', { kind: 'rename', key: 'plant/d1', label: ' Press 7 ' }, { kind: 'rename', label: 'Press 7' }],
  ['an erasure', { kind: 'erase', key: 'plant/d1' }, { kind: 'erase', series }],
  ['one heard here', { kind: 'replace', key: 'plant/d1', by: 'plant/d2' }, { kind: 'replace', series }],
  [
    'one of another partition',
    { kind: 'replace', key: 'plant/d1', by: 'plant/d7' },
    { outcome: 'refused', message: expect.stringMatching(/partition \d+ of the log/) },
  ],
])('a request: %s', (_what, request, expected) => {
  const { pipeline } = run([0, at('d1', 1, 0), at('d2', 1, 0)]);
  expect(operationOf(request, pipeline, { partition: 99, partitions: 64, topics: config.topics })).toMatchObject(
    expected,
  );
});
