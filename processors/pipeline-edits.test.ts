import { describe, expect, it } from 'vitest';
import { createPipeline } from './pipeline.ts';
import type { Step } from './step.ts';
import { control, logOf, logStartUs, publish, stepsOf, stored, testConfig, tick } from './test-log.ts';

const pipeline = (over: Pick<Parameters<typeof createPipeline>[0], 'config'> & { readonly restored?: unknown }) =>
  createPipeline({ partition: 0, partitions: 1, customs: [], ...over });

const hot = (device: string, temperature: number, atSeconds: number) =>
  publish(`sensors/plant/${device}`, JSON.stringify({ time: logStartUs / 1e3 + atSeconds * 1e3, temperature }), {
    qos: 0,
  });

describe('another configuration', () => {
  const rule = { name: 'hot', field: 'temperature', above: 60 } as const;
  const other = { name: 'other', field: 'temperature', above: 5 } as const;
  const after = (rules: Parameters<typeof testConfig>[0]) => {
    const whole = pipeline({ config: testConfig({ rules: [rule, other] }) });
    stepsOf(whole.operator, logOf([0, tick, hot('d1', 90, 0)]));
    whole.reconfigure(testConfig(rules), []);
    const [edit, next] = stepsOf(whole.operator, logOf([1, control], [2, tick, hot('d1', 20, 2)]));
    const told = (step: Step) => step.transitions.map(({ rule: name, from, to, notify }) => [name, from, to, notify]);
    return [told(edit!), told(next!)];
  };

  it.each([
    ['unchanged rules go on', { rules: [rule, other] }, [], [['hot', 'firing', 'ok', 'resolved']]],
    [
      'an edited one starts unknown, and its end is told',
      { rules: [{ ...rule, above: 70 }, other] },
      [['hot', 'firing', 'unknown', null]],
      [['hot', 'unknown', 'ok', 'resolved']],
    ],
    ['the alert of a removed one ends', { rules: [other] }, [['hot', 'firing', 'unknown', 'resolved']], []],
    [
      'so it does where the rule no longer names the device',
      { rules: [{ ...rule, where: { site: 'elsewhere' } }, other] },
      [['hot', 'firing', 'unknown', 'resolved']],
      [],
    ],
  ])('%s', (_what, rules, edit, next) => expect(after(rules)).toEqual([edit, next]));

  it('the alert of a removed rule ends for who was told of it, also when its device has gone silent', () => {
    const whole = pipeline({ config: testConfig({ rules: [{ ...rule, stale: '2s' }] }) });
    stepsOf(whole.operator, logOf([0, tick, hot('d1', 90, 0)], [1, tick], [2, tick]));
    whole.reconfigure(testConfig({}), []);
    const [edit] = stepsOf(whole.operator, logOf([3, control]));
    expect(edit!.transitions.map(({ from, to, notify }) => [from, to, notify])).toEqual([
      ['unknown', 'unknown', 'resolved'],
    ]);
  });

  it('unchanged windows go on, changed ones start afresh', () => {
    const windows = (size: string) =>
      testConfig({
        windows: [
          { name: 'same', size: '10s' },
          { name: 'edited', size },
        ],
      });
    const whole = pipeline({ config: windows('10s') });
    stepsOf(whole.operator, logOf([0, hot('d1', 1, 0)]));
    whole.reconfigure(windows('5s'), []);
    const steps = stepsOf(whole.operator, logOf([1, control], [20, hot('d1', 1, 20)]));
    expect(steps.flatMap((step) => step.windows).map(({ window, count }) => [window, count])).toEqual([['same', 1]]);
  });

  it('a checkpoint puts state back only under the configuration it was gathered under', () => {
    const whole = pipeline({ config: testConfig({ rules: [rule] }) });
    stepsOf(whole.operator, logOf([0, hot('d1', 90, 0)]));
    const restored = stored(whole.snapshot());
    const same = pipeline({ config: testConfig({ rules: [rule] }), restored });
    const edited = pipeline({ config: testConfig({ rules: [{ ...rule, above: 70 }] }), restored });
    expect([same.alerts().length, edited.alerts().length]).toEqual([1, 0]);
  });
});
