import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLog, livelyLog } from './any-log.ts';
import type { CustomProcessor } from './custom/load.ts';
import dewPoint from './custom/example.ts';
import { createPipeline } from './pipeline.ts';
import type { LogMessage, Step } from './step.ts';
import { logOf, logStartUs, publish, stepsOf, stored, testConfig, tick } from './test-log.ts';

const config = testConfig({
  windows: [
    { name: '10s', size: '10s', lateness: '2s', idle: '15s' },
    { name: '30s', size: '30s', lateness: '0s', idle: '15s', fields: ['temperature'] },
  ],
  rules: [
    { name: 'hot', field: 'temperature', above: 60, clear: 50, for: '3s', stale: '20s' },
    { name: 'dry', field: 'humidity', below: 20, where: { device: 'd1' } },
    { name: 'hot-10s', window: '10s', field: 'temperature', aggregate: 'mean', above: 50 },
  ],
  alerts: { maxAge: '30s' },
  limits: { devicesMax: 4 },
});
const example: CustomProcessor = { name: 'dew', file: 'example.ts', hash: '1', run: dewPoint };
const pipeline = (over: Partial<Parameters<typeof createPipeline>[0]> = {}) =>
  createPipeline({ config, partition: 0, partitions: 1, customs: [example], ...over });

/** What leaves the partition: all that must be the same in a replay. */
const outputs = (steps: readonly Step[]) =>
  steps.map(
    ({
      sequence,
      elapsedUs,
      forgotten,
      readings,
      quarantined,
      duplicates,
      late,
      windows,
      transitions,
      derived,
      failures,
      partings,
      lives,
      changedDevices,
    }) => ({
      sequence,
      elapsedUs,
      forgotten,
      readings,
      quarantined,
      duplicates,
      late,
      windows,
      transitions,
      derived,
      failures,
      partings,
      lives,
      changedDevices,
    }),
  );

const gap = { cause: 'removed', from: 1, to: 2, messages: 2 } as const;

describe('for any log', () => {
  it.each([
    ['', config],
    [', its devices forgotten', { ...config, state: { retain: 12_000 } }],
  ])('restored from a checkpoint at any point it goes on as if uninterrupted%s', (_what, under) => {
    fc.assert(
      fc.property(livelyLog, fc.nat(60), fc.nat(60), (messages, at, gapAt) => {
        const split = at % messages.length;
        const original = pipeline({ config: under });
        const run = (one: ReturnType<typeof pipeline>, part: readonly LogMessage[]) =>
          part.flatMap((next) => {
            if (next.sequence === gapAt) one.gap({ ...gap, sinceUs: next.nowUs - 5e6 });
            return stepsOf(one.operator, [next]);
          });
        run(original, messages.slice(0, split));
        const restored = pipeline({ config: under, restored: stored(original.snapshot()) });
        const rest = messages.slice(split);
        const expected = outputs(run(original, rest));
        expect(outputs(run(restored, rest))).toEqual(expected);
        expect(restored.gaps()).toEqual(original.gaps());
        expect(stored(restored.snapshot())).toEqual(stored(original.snapshot()));
        expect(restored.alerts()).toEqual(original.alerts());
        expect(restored.devices.page(undefined, 9)).toEqual(original.devices.page(undefined, 9));
      }),
      { numRuns: 200 },
    );
  });

  it('a snapshot is a copy: what comes later does not change it', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(60), (messages, at) => {
        const original = pipeline();
        stepsOf(original.operator, messages.slice(0, at % messages.length));
        const snapshot = original.snapshot();
        const before = stored(snapshot);
        stepsOf(original.operator, messages.slice(at % messages.length));
        expect(stored(snapshot)).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  it('every publish is a reading, a duplicate or in quarantine, in total and for each device', () => {
    fc.assert(
      fc.property(anyLog, (messages) => {
        const whole = pipeline();
        const steps = stepsOf(whole.operator, messages);
        for (const { received, readings, quarantined, duplicates } of steps) {
          expect(readings.length + quarantined.length + duplicates.length).toBe(received);
        }
        const { received, readings, quarantined, duplicate } = whole.totals;
        expect(readings + quarantined + duplicate).toBe(received);
        for (const { key, readings: taken } of whole.devices.page(undefined, 9)) {
          const ledger = whole.ledger(key)!;
          expect(ledger.received).toBe(taken + ledger.quarantined + ledger.duplicate);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('each reading is in one window, or late and beyond what revises it', () => {
    fc.assert(
      fc.property(anyLog, (messages) => {
        const whole = pipeline({ config: { ...config, windows: [config.windows[0]!] } });
        // Silence at the end, long enough to close all.
        const last = messages.at(-1)!;
        const silence = Array.from({ length: 120 }, (_, i) => ({
          ...last,
          sequence: last.sequence + i + 1,
          nowUs: last.nowUs + (i + 1) * 1e6,
          records: [tick],
        }));
        const steps = stepsOf(whole.operator, [...messages, ...silence]);
        const results = steps.flatMap(({ windows }) => windows).filter(({ field }) => field === 'temperature');
        const latest = new Map(results.map((result) => [`${result.key} ${result.startUs}`, result.count]));
        const taken = [...latest.values()].reduce((sum, count) => sum + count, 0);
        expect(taken).toBeLessThanOrEqual(whole.totals.readings);
        expect(taken + whole.totals.late).toBeGreaterThanOrEqual(whole.totals.readings);
      }),
      { numRuns: 50 },
    );
  });
});

const hot = (device: string, temperature: number, atSeconds: number) =>
  publish(`sensors/plant/${device}`, JSON.stringify({ time: logStartUs / 1e3 + atSeconds * 1e3, temperature }), {
    qos: 0,
  });

it('outputs are in one order, whatever the order of arrival', () => {
  const rules = testConfig({
    rules: [
      { name: 'b', field: 'temperature', above: 1 },
      { name: 'a', field: 'temperature', above: 1 },
    ],
  });
  const windows = testConfig({
    windows: [
      { name: '20s', size: '20s' },
      { name: '10s', size: '10s' },
    ],
  });
  const whole = pipeline({ config: { ...rules, windows: windows.windows }, customs: [] });
  const [first, second] = stepsOf(
    whole.operator,
    logOf([0, hot('z', 9, 0), hot('y', 9, 0), hot('z', 0, 1)], [30, hot('z', 0, 30), hot('y', 0, 30)]),
  );
  expect(first!.transitions.map(({ rule, key, to }) => `${rule} ${key} ${to}`)).toEqual([
    'a plant/y firing',
    'a plant/z firing',
    'a plant/z ok',
    'b plant/y firing',
    'b plant/z firing',
    'b plant/z ok',
  ]);
  expect(second!.windows.map(({ window, key }) => `${window} ${key}`)).toEqual([
    '10s plant/y',
    '10s plant/z',
    '20s plant/y',
    '20s plant/z',
  ]);
});

it('silence counts only in seconds with a tick', () => {
  const whole = pipeline();
  const steps = stepsOf(
    whole.operator,
    logOf(
      [0, tick, hot('d1', 10, 0)],
      [600, publish('other', '', { qos: 0 })],
      [1200, publish('other', '', { qos: 0 })],
    ),
  );
  expect(steps.flatMap(({ transitions }) => transitions).map(({ to }) => to)).toEqual(['ok']);
  const ticking = Array.from({ length: 21 }, (_, i) => [1200 + i, tick] as const);
  expect(
    stepsOf(whole.operator, logOf(...ticking))
      .flatMap(({ transitions }) => transitions)
      .map(({ to }) => to),
  ).toContain('unknown');
});

it('views show devices, alerts and ledgers', () => {
  const whole = pipeline();
  stepsOf(
    whole.operator,
    logOf([0, hot('d2', 90, 0), hot('d1', 20, 0), hot('d1', 20, 0), publish('sensors/plant/d1', 'x', { qos: 0 })]),
  );
  expect(whole.devices.count).toBe(2);
  expect(whole.devices.page(undefined, 1)).toMatchObject([{ key: 'plant/d1', readings: 1 }]);
  expect(whole.devices.get('plant/d2')).toMatchObject({ device: 'd2', tags: { site: 'plant' } });
  expect(whole.devices.get('plant/d3')).toBeNull();
  expect(whole.alerts(['plant/d2'])).toMatchObject([{ rule: 'hot', key: 'plant/d2', state: 'pending' }]);
  expect(whole.alerts()).toHaveLength(2);
  expect(whole.ledger('plant/d1')).toMatchObject({ received: 3, quarantined: 1, duplicate: 1 });
  expect(whole.totals).toMatchObject({
    received: 4,
    readings: 2,
    duplicate: 1,
    quarantined: 1,
    quarantinedBy: { 'not-json': 1 },
  });
});
