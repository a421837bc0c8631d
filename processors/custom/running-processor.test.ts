import { delay, EMPTY, map, mergeMap, NEVER, of, startWith, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../events/reading.ts';
import { createPipeline } from '../pipeline.ts';
import type { Step } from '../step.ts';
import { logOf, publish, stepsOf, stored, testConfig, tick } from '../test-log.ts';
import type { ProcessorOutput } from './context.ts';
import type { ProcessorFunction } from './load.ts';
import { outputsPerReadingMax, stateCharsMax } from './running-processor.ts';

const custom = (run: ProcessorFunction, hash = '1', name = 'mine') => ({ name, file: 'mine.ts', hash, run });
const healthy = custom(
  (readings, ctx) => readings.pipe(map((reading) => ctx.derive(reading, { seen: 1 }))),
  '1',
  'healthy',
);
const start = (run: ProcessorFunction, restored?: unknown, hash?: string) =>
  createPipeline({
    config: testConfig(),
    partition: 0,
    partitions: 1,
    customs: [custom(run, hash), healthy],
    restored,
  });
const reading = (t: number) => publish('sensors/plant/d1', JSON.stringify({ t }), { qos: 0 });
const log = logOf([0, reading(1)], [1, reading(2)], [2, reading(3)]);

const derivedBy = (steps: readonly Step[], name: string) =>
  steps.flatMap(({ derived }) => derived).filter(({ processor }) => processor === name);
const failuresOf = (steps: readonly Step[]) => steps.flatMap(({ failures }) => failures);

describe('a processor that misbehaves stops only itself, and the report names the reading', () => {
  const bad =
    (fields: Record<string, unknown>): ProcessorFunction =>
    (readings, ctx) =>
      readings.pipe(map((each) => ctx.derive(each, fields as Record<string, number>)));
  const about =
    (wrong: Partial<Reading>): ProcessorFunction =>
    (readings, ctx) =>
      readings.pipe(map((each) => ctx.derive({ ...each, ...wrong }, { a: 1 })));
  const saying =
    (condition: string): ProcessorFunction =>
    (readings, ctx) =>
      readings.pipe(map((each) => ctx.alert(each, { firing: true, field: 'a', value: 1, threshold: 1, condition })));

  it.each<[string, ProcessorFunction, RegExp, number | null]>([
    [
      'throws',
      (readings, ctx) =>
        readings.pipe(
          map((each) => {
            if (each.fields.t === 2) throw new TypeError('no such thing');
            return ctx.derive(each, { ok: 1 });
          }),
        ),
      /threw: TypeError: no such thing/,
      2,
    ],
    [
      'throws at its start',
      () => {
        throw new Error('boom');
      },
      /at its start: Error: boom/,
      null,
    ],
    ['returns no observable', () => undefined as never, /at its start/, null],
    ['fails at its start', () => throwError(() => new Error('boom')), /threw: Error: boom/, null],
    [
      'emits before it is given anything',
      (readings, ctx) =>
        readings.pipe(
          map((each) => ctx.derive(each, { a: 1 })),
          startWith({} as ProcessorOutput),
        ),
      /synchronously/,
      null,
    ],
    ['emits NaN', bad({ a: Number.NaN }), /field a is NaN/, 1],
    ['emits an object', bad({ a: {} }), /field a is of type object/, 1],
    ['emits no fields', bad({}), /no fields/, 1],
    ['emits a reserved name', bad({ constructor: 1 }), /reserved/, 1],
    ['makes up a source without tags', about({ tags: null as never }), /tags .* are missing/, 1],
    ['makes up a source without a time', about({ timeUs: 0.5 }), /not whole microseconds/, 1],
    ['makes up a source with a number for a device', about({ device: 7 as never }), /is no text/, 1],
    ['says a condition larger than a message', saying('x'.repeat(2 ** 20)), /at most 512 characters/, 1],
    ['says no condition', saying(undefined as never), /at most 512 characters/, 1],
    ['emits something else', (readings) => readings.pipe(map(() => 42 as never)), /other than/, 1],
    [
      'emits without end',
      (readings, ctx) =>
        readings.pipe(
          mergeMap((each) => Array.from({ length: outputsPerReadingMax + 1 }, () => ctx.derive(each, { a: 1 }))),
        ),
      /more than 1000 times/,
      1,
    ],
    [
      'keeps what cannot be saved',
      (readings, ctx) =>
        readings.pipe(
          map((each) => ctx.alert(each, { firing: true, field: 'a', value: Number.NaN, threshold: 1, condition: '' })),
        ),
      /value is NaN/,
      1,
    ],
  ])('%s', (_what, run, message, t) => {
    const steps = stepsOf(start(run).operator, log);
    const failures = failuresOf(steps).map(({ reading: by, ...rest }) => ({ ...rest, t: by?.fields.t ?? null }));
    expect(failures).toEqual([{ processor: 'mine', message: expect.stringMatching(message), t }]);
    expect(derivedBy(steps, 'healthy')).toHaveLength(3);
  });

  it('emits later', () => {
    const late = new Subject<ProcessorOutput>();
    const pipeline = start((readings, ctx) => {
      readings.subscribe((each) => queueMicrotask(() => late.next(ctx.derive(each, { a: 1 }))));
      return late;
    });
    stepsOf(pipeline.operator, log.slice(0, 1));
    return Promise.resolve().then(() => {
      const steps = stepsOf(pipeline.operator, log.slice(1));
      expect(failuresOf(steps)).toMatchObject([
        { message: expect.stringMatching(/synchronously/), reading: { fields: { t: 1 } } },
      ]);
      expect(derivedBy(steps, 'mine')).toEqual([]);
    });
  });
});

it('one that could not be loaded is stopped with the reason, and its state waits for it', () => {
  const count: ProcessorFunction = (readings, ctx) =>
    readings.pipe(
      map((each) => {
        ctx.state.count = Number(ctx.state.count ?? 0) + 1;
        return ctx.derive(each, { count: ctx.state.count as number });
      }),
    );
  const first = start(count);
  stepsOf(first.operator, log.slice(0, 1));
  const gone = { ...custom(() => EMPTY, ''), problem: 'mine.ts cannot be read' };
  const options = { config: testConfig(), partition: 0, partitions: 1 };
  const without = createPipeline({ ...options, customs: [gone, healthy], restored: stored(first.snapshot()) });
  const steps = stepsOf(without.operator, log.slice(1, 2));
  expect(failuresOf(steps)).toMatchObject([{ processor: 'mine', message: 'mine.ts cannot be read' }]);
  expect(derivedBy(steps, 'healthy')).toHaveLength(1);
  const back = start(count, stored(without.snapshot()));
  expect(derivedBy(stepsOf(back.operator, log.slice(2)), 'mine')).toMatchObject([{ fields: { count: 2 } }]);
});

describe('a processor may', () => {
  it.each<[string, ProcessorFunction]>([
    ['complete', () => EMPTY],
    ['say nothing', () => NEVER],
    ['not start what is never asked for', () => of().pipe(delay(1))],
  ])('%s', (_what, run) => expect(failuresOf(stepsOf(start(run).operator, log))).toEqual([]));
});

describe('state', () => {
  const counting: ProcessorFunction = (readings, ctx) =>
    readings.pipe(
      map((each) => {
        const count = Number(ctx.state.count ?? 0) + 1;
        ctx.state.count = count;
        return ctx.derive(each, { count, at: ctx.nowUs });
      }),
    );

  it('goes on over a restart', () => {
    const first = start(counting);
    stepsOf(first.operator, log.slice(0, 2));
    const steps = stepsOf(start(counting, stored(first.snapshot())).operator, log.slice(2));
    expect(derivedBy(steps, 'mine')).toMatchObject([{ fields: { count: 3, at: log[2]!.nowUs } }]);
  });

  const spoiling =
    (spoil: (state: Record<string, unknown>) => void): ProcessorFunction =>
    (readings, ctx) =>
      readings.pipe(
        map((each) => {
          if (each.fields.t === 2) spoil(ctx.state);
          return ctx.derive(each, { a: 1 });
        }),
      );
  const ticks = Array.from({ length: 180 }, (_, i) => [i, tick, reading(i)] as const);

  it.each<[string, RegExp, (state: Record<string, unknown>) => void]>([
    ['that JSON cannot hold', /written as JSON/, (state) => (state.self = state)],
    ['that is too large', /at most 16777216 are kept/, (state) => (state.text = 'x'.repeat(stateCharsMax))],
  ])('%s stops the processor at a place of the log, whenever checkpoints are taken', (_what, message, spoil) => {
    const many = logOf(...ticks);
    const quiet = start(spoiling(spoil));
    const expected = stepsOf(quiet.operator, many);
    const at = expected.findIndex(({ failures }) => failures.length > 0);
    expect(failuresOf(expected)).toMatchObject([{ message: expect.stringMatching(message) }]);
    expect(at).toBeGreaterThan(2);
    const checkpointed = start(spoiling(spoil));
    const steps = many.flatMap((each, i) => {
      if (i % 20 === 3) checkpointed.snapshot();
      return stepsOf(checkpointed.operator, [each]);
    });
    expect(steps.map(({ failures, derived }) => [failures, derived])).toEqual(
      expected.map(({ failures, derived }) => [failures, derived]),
    );
  });

  it('that cannot be written is lost with a restart, and its processor stays stopped', () => {
    const pipeline = start(spoiling((state) => (state.self = state)));
    stepsOf(pipeline.operator, log.slice(0, 2));
    const restarted = start(counting, stored(pipeline.snapshot()));
    expect(restarted.stoppedProcessors()).toMatchObject([{ message: expect.stringMatching(/written as JSON/) }]);
  });

  it.each([
    ['stays stopped over a restart', '1', 0],
    ['starts again when its file has changed', '2', 1],
  ])('a processor that failed %s', (_what, hash, count) => {
    const failing = start(() => throwError(() => new Error('boom')));
    stepsOf(failing.operator, log.slice(0, 1));
    const restarted = start(counting, stored(failing.snapshot()), hash);
    const steps = stepsOf(restarted.operator, log.slice(2));
    expect(derivedBy(steps, 'mine')).toHaveLength(count);
    expect(failuresOf(steps)).toEqual([]);
    expect(restarted.stoppedProcessors()).toHaveLength(1 - count);
  });
});

it('the alerts of one that is no longer configured end', () => {
  const firing: ProcessorFunction = (readings, ctx) =>
    readings.pipe(
      map((each) => ctx.alert(each, { firing: true, field: 't', value: 1, threshold: 0, condition: 't above 0' })),
    );
  const pipeline = start(firing);
  stepsOf(pipeline.operator, log.slice(0, 1));
  pipeline.reconfigure(testConfig(), [healthy]);
  const [edit, next] = stepsOf(pipeline.operator, log.slice(1));
  expect(edit!.transitions).toMatchObject([{ rule: 'mine', from: 'firing', to: 'unknown', notify: 'resolved' }]);
  expect(next!.transitions).toEqual([]);
  expect(pipeline.alerts()).toEqual([]);
});

it('alerts of its own are transitions, once each', () => {
  const run: ProcessorFunction = (readings, ctx) =>
    readings.pipe(
      map((each) => {
        const value = Number(each.fields.t);
        return ctx.alert(each, {
          firing: value > 1,
          field: 't',
          value,
          threshold: 1,
          condition: 't above 1',
          severity: 'info',
        });
      }),
    );
  const pipeline = start(run);
  const steps = stepsOf(pipeline.operator, logOf([0, reading(1)], [1, reading(2)], [2, reading(3)], [3, reading(0)]));
  expect(steps.map(({ transitions }) => transitions.map(({ from, to, notify }) => `${from}>${to} ${notify}`))).toEqual([
    ['unknown>ok null'],
    ['ok>firing firing'],
    [],
    ['firing>ok resolved'],
  ]);
  expect(steps[1]!.transitions).toMatchObject([
    { rule: 'mine', key: 'plant/d1', field: 't', value: 2, threshold: 1, severity: 'info' },
  ]);
  expect(pipeline.alerts(['plant/d1'])).toMatchObject([{ rule: 'mine', state: 'ok' }]);
  const restored = start(run, stored(pipeline.snapshot()));
  expect(restored.alerts()).toEqual(pipeline.alerts());
});
