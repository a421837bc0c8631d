import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../events/record.ts';
import { Rebuild, RebuildClock } from './change/rebuild.ts';
import type { StateChange } from './change/state-change.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { LogMessage, Step } from './step.ts';
import { control, logOf, logStartUs, publish, stepsOf, testConfig, tick } from './test-log.ts';

const lane = { partition: 0, partitions: 1 };
const at = (device: string, temperature: number, atSeconds: number): LogRecord =>
  publish(`sensors/plant/${device}`, JSON.stringify({ temperature, time: (logStartUs + atSeconds * 1e6) / 1e3 }), {
    qos: 0,
  });
const told = (steps: readonly Step[]) =>
  steps.flatMap(({ transitions }) =>
    transitions.map(({ rule, key, from, to, notify, value }) => [rule, key, from, to, notify, value]),
  );
const closed = (steps: readonly Step[]) =>
  steps.flatMap(({ windows }) => windows.map((one) => [one.window, one.key, one.count, one.incomplete ?? false]));
/** Ticks of every second from `from` to `to`, both inclusive. */
const ticks = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => [from + i, tick] as const);

describe('a device not heard of for state.retain', () => {
  const config = testConfig({
    windows: [{ name: '1h', size: '1h', idle: '1h' }],
    rules: [
      { name: 'hot', field: 'temperature', above: 60, stale: '1h' },
      { name: 'hot-1h', window: '1h', field: 'temperature', aggregate: 'mean', above: 60, stale: '1h' },
    ],
    state: { retain: '20s' },
    limits: { devicesMax: 1 },
  });

  it('has its windows closed, its alerts ended and told, and is forgotten; its place is free', () => {
    const whole = createPipeline({ config, ...lane, customs: [] });
    const steps = stepsOf(
      whole.operator,
      logOf([0, tick, at('d1', 90, 0)], ...ticks(1, 19), [20, tick, at('d2', 1, 20)]),
    );
    const last = steps.at(-1)!;
    expect(last.forgotten).toEqual(['plant/d1']);
    expect(closed([last])).toEqual([['1h', 'plant/d1', 1, false]]);
    expect(told([last])).toEqual([
      ['hot', 'plant/d1', 'firing', 'unknown', 'resolved', null],
      ['hot', 'plant/d2', 'unknown', 'ok', null, 1],
      ['hot-1h', 'plant/d1', 'unknown', 'firing', 'firing', 90],
      ['hot-1h', 'plant/d1', 'firing', 'unknown', 'resolved', null],
    ]);
    expect(whole.devices.page(undefined, 9).map(({ key }) => key)).toEqual(['plant/d2']);
    expect(whole.ledger('plant/d1')).toBeNull();
    expect(whole.alerts(['plant/d1'])).toEqual([]);
    expect(whole.totals).toMatchObject({ received: 2, readings: 2, forgotten: 1 });
  });

  it('is told to have ended when it had been unknown for long, but had been told to fire', () => {
    const stale = { ...config, rules: config.rules.map((rule) => ({ ...rule, stale: 5_000 })) };
    const whole = createPipeline({ config: stale, ...lane, customs: [] });
    const steps = stepsOf(whole.operator, logOf([0, tick, at('d1', 90, 0)], ...ticks(1, 20)));
    expect(told(steps).filter(([rule]) => rule === 'hot')).toEqual([
      ['hot', 'plant/d1', 'unknown', 'firing', 'firing', 90],
      ['hot', 'plant/d1', 'firing', 'unknown', null, null],
      ['hot', 'plant/d1', 'unknown', 'unknown', 'resolved', null],
    ]);
  });

  it('is not forgotten while Millrace is down, and is a new one when it comes back', () => {
    const whole = createPipeline({ config, ...lane, customs: [] });
    const quiet = stepsOf(whole.operator, logOf([0, tick, at('d1', 1, 0)], [86_400, tick]));
    expect(quiet.flatMap(({ forgotten }) => forgotten)).toEqual([]);
    const again = stepsOf(whole.operator, logOf(...ticks(86_401, 86_420), [86_421, tick, at('d1', 1, 0)]));
    expect(again.flatMap(({ forgotten }) => forgotten)).toEqual(['plant/d1']);
    expect(again.at(-1)).toMatchObject({ duplicates: [], changedDevices: ['plant/d1'] });
  });
});

describe('a gap in the log', () => {
  const config = testConfig({
    windows: [{ name: '10s', size: '10s', lateness: '0s' }],
    rules: [{ name: 'hot', field: 'temperature', above: 60 }],
  });

  it('makes alerts unknown, and windows that it touches incomplete, at the message after it', () => {
    const whole = createPipeline({ config, ...lane, customs: [] });
    stepsOf(whole.operator, logOf([0, tick, at('d1', 90, 0), at('behind', 1, -3_600)]));
    const sinceUs = logStartUs;
    whole.gap({ cause: 'removed', from: 2, to: 9, messages: 8, sinceUs });
    const [first, ...rest] = stepsOf(
      whole.operator,
      logOf([35, tick, at('d1', 95, 35)], [45, at('d1', 95, 45)], [55, at('d1', 1, 55), at('behind', 1, -3_500)]),
    );
    expect(told([first!])).toEqual([
      ['hot', 'plant/behind', 'ok', 'unknown', null, null],
      ['hot', 'plant/d1', 'firing', 'unknown', null, null],
      ['hot', 'plant/d1', 'unknown', 'firing', null, 95],
    ]);
    expect(closed([first!, ...rest])).toEqual([
      ['10s', 'plant/d1', 1, true],
      // Nobody saw it open: its time lies in the gap.
      ['10s', 'plant/d1', 1, true],
      ['10s', 'plant/behind', 1, true],
      ['10s', 'plant/d1', 1, false],
    ]);
    expect(whole.gaps()).toEqual([
      { partition: 0, cause: 'removed', from: 2, to: 9, messages: 8, sinceUs, untilUs: logStartUs + 35e6 },
    ]);
  });
});

describe('a change of the configuration', () => {
  const config = (lateness: string, above: number, size = '10s', clear = above) =>
    testConfig({
      windows: [{ name: 'w', size, lateness, idle: '1h' }],
      rules: [
        { name: 'hot', field: 'temperature', above, clear },
        { name: 'mean', window: 'w', field: 'temperature', aggregate: 'mean', above: 50 },
      ],
    });
  const before = config('2s', 60);
  const old = logOf([0, tick, at('d1', 90, 0)], [5, tick, at('d1', 90, 5)], [14, tick, at('d1', 70, 14)]);

  function changed(next: ReturnType<typeof config>, change: (whole: Pipeline) => StateChange): Step[] {
    const whole = createPipeline({ config: before, ...lane, customs: [] });
    stepsOf(whole.operator, old);
    whole.reconfigure(next, [], change(whole));
    const rest = logOf([15, control], [15, tick, at('d1', 75, 15)], [40, tick, at('d1', 1, 40)]);
    return stepsOf(
      whole.operator,
      rest.map((one) => ({ ...one, sequence: one.sequence + old.length })),
    );
  }

  it('keep: open windows go on under another lateness, alerts under other limits', () => {
    const steps = changed(config('8s', 65), () => ({ kind: 'keep' }));
    expect(steps[0]).toMatchObject({ windows: [], transitions: [] });
    expect(closed(steps)).toEqual([['w', 'plant/d1', 2, false]]);
    expect(told(steps)).toEqual([['hot', 'plant/d1', 'firing', 'ok', 'resolved', 1]]);
  });

  it('keep: what cannot be kept is reset', () => {
    const steps = changed(config('2s', 60, '20s'), () => ({ kind: 'keep' }));
    expect(told(steps.slice(0, 1))).toEqual([['mean', 'plant/d1', 'firing', 'unknown', null, null]]);
    expect(closed(steps)).toEqual([['w', 'plant/d1', 1, false]]);
  });

  it('keep: pending under a higher limit does not fire by itself', () => {
    const pending = (above: number) =>
      testConfig({ rules: [{ name: 'hot', field: 'temperature', above, for: '3s', stale: '1h' }] });
    const whole = createPipeline({ config: pending(60), ...lane, customs: [] });
    stepsOf(whole.operator, logOf([0, tick, at('d1', 70, 0)]));
    whole.reconfigure(pending(80), [], { kind: 'keep' });
    const steps = stepsOf(whole.operator, logOf([1, control], ...ticks(1, 5)));
    expect(told(steps)).toEqual([['hot', 'plant/d1', 'pending', 'ok', null, 70]]);
    expect(steps.flatMap(({ transitions }) => transitions).map(({ threshold }) => threshold)).toEqual([80]);
  });

  it('reset: open windows are dropped, alerts are unknown', () => {
    const steps = changed(config('8s', 65), () => ({ kind: 'reset' }));
    expect(told(steps.slice(0, 1))).toEqual([
      ['hot', 'plant/d1', 'firing', 'unknown', null, null],
      ['mean', 'plant/d1', 'firing', 'unknown', null, null],
    ]);
    expect(closed(steps)).toEqual([['w', 'plant/d1', 1, false]]);
  });

  it('rebuild: state and results are those of a pipeline that had read the stretch under the new configuration', () => {
    const next = config('2s', 65, '5s', 40);
    const steps = changed(next, (whole) => {
      const clock = new RebuildClock();
      for (const { nowUs, records } of old) clock.take(nowUs, records);
      const rebuild = new Rebuild(next, lane, whole.elapsedUs, clock.elapsedUs);
      for (const one of old) rebuild.take({ ...one, missing: 0, sinceUs: 0 });
      return { kind: 'rebuild', rebuilt: rebuild.result(before, next) };
    });
    expect(closed(steps.slice(0, 1))).toEqual([
      ['w', 'plant/d1', 1, false],
      ['w', 'plant/d1', 1, false],
    ]);
    // The rule before is over; what the new one would have said is history, and who was told stays told.
    expect(steps[0]!.transitions.map(({ rule, to, historical, notify }) => [rule, to, historical, notify])).toEqual([
      ['hot', 'unknown', false, null],
      ['hot', 'firing', true, null],
      ['mean', 'unknown', false, null],
      ['mean', 'firing', true, null],
    ]);
    expect(told(steps.slice(1)).filter(([rule]) => rule === 'hot')).toEqual([
      ['hot', 'plant/d1', 'firing', 'ok', 'resolved', 1],
    ]);
    const fresh = createPipeline({ config: next, ...lane, customs: [] });
    const all: LogMessage[] = [...old, ...logOf([15, tick, at('d1', 75, 15)], [40, tick, at('d1', 1, 40)])];
    expect(closed(steps)).toEqual(closed(stepsOf(fresh.operator, all)));
  });

  it('rebuild: windows of a device that was forgotten since are written again, and not judged once more', () => {
    const next = testConfig({
      windows: [{ name: 'w', size: '1s', lateness: '0s' }],
      rules: [{ name: 'mean', window: 'w', field: 'temperature', aggregate: 'mean', above: 50 }],
      state: { retain: '20s' },
    });
    const none = testConfig({ state: { retain: '20s' } });
    const past = logOf([0, tick, at('d1', 90, 0)], [1, tick, at('d1', 90, 1)], ...ticks(2, 30));
    const whole = createPipeline({ config: none, ...lane, customs: [] });
    stepsOf(whole.operator, past);
    const clock = new RebuildClock();
    for (const { nowUs, records } of past) clock.take(nowUs, records);
    const rebuild = new Rebuild(next, lane, whole.elapsedUs, clock.elapsedUs);
    for (const one of past) rebuild.take({ ...one, missing: 0, sinceUs: 0 });
    whole.reconfigure(next, [], { kind: 'rebuild', rebuilt: rebuild.result(none, next) });
    const [change] = stepsOf(
      whole.operator,
      logOf([30, control]).map((one) => ({ ...one, sequence: past.length + 1 })),
    );
    expect(closed([change!])).toEqual([
      ['w', 'plant/d1', 1, false],
      ['w', 'plant/d1', 1, false],
    ]);
    expect(change!.transitions.map(({ to, historical, notify }) => [to, historical, notify])).toEqual([
      ['firing', true, null],
      ['unknown', true, null],
    ]);
  });

  it('rebuild: batches that never came in the stretch are a gap there', () => {
    const next = config('2s', 65, '5s');
    const rebuild = new Rebuild(next, lane, 20e6, 14e6);
    for (const [i, one] of old.entries()) rebuild.take({ ...one, missing: i === 1 ? 2 : 0, sinceUs: logStartUs });
    const { closed: results, transitions } = rebuild.result(before, next);
    expect(results.map(({ incomplete }) => incomplete)).toEqual([true, true]);
    expect(transitions).toContainEqual(expect.objectContaining({ rule: 'hot', to: 'unknown', why: 'gap' }));
  });
});
