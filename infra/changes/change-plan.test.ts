import { describe, expect, it } from 'vitest';
import { configSchema, processingConfig } from '../config/schema.ts';
import { createStyle } from '../terminal/style.ts';
import { planChanges } from './change-plan.ts';
import { consequence } from './consequence.ts';
import { planText } from './plan-text.ts';
import { restartNeeds } from './restart-needs.ts';

const parse = (config: object) => processingConfig(configSchema.parse(config));
const window = { name: '1m', size: '1m' };
const rule = { name: 'hot', field: 'temperature', above: 60 };
const onWindow = { name: 'mean', field: 'temperature', window: '1m', aggregate: 'mean', above: 60 };
const hour = { name: '1h', size: '1h', from: '1m' };
const base = { windows: [window], rules: [rule, onWindow] };

const changesOf = (after: object, before: object = base) =>
  planChanges(parse(before), parse(after)).filter(({ kind }) => kind !== 'unchanged');
const said = (after: object, choice: Parameters<typeof consequence>[1], before: object = base) =>
  changesOf(after, before).map((change) => `${change.part} ${change.name}: ${consequence(change, choice)}`);

describe('what a change of the configuration will do', () => {
  it.each<[string, object, Parameters<typeof consequence>[1], string[]]>([
    ['nothing', base, { kind: 'reset' }, []],
    [
      'a limit is edited, reset',
      { ...base, rules: [{ ...rule, above: 70 }, onWindow] },
      { kind: 'reset' },
      ['rule hot: above 60 -> 70: reset, alerts are unknown until the next reading (--keep would keep them)'],
    ],
    [
      'a window is edited, and the rule on it with it',
      { ...base, windows: [{ ...window, lateness: '10s' }] },
      { kind: 'keep' },
      [
        'window 1m: lateness 5s -> 10s: kept, open windows go on under the new settings',
        'rule mean: its window 1m is edited: kept, alerts go on and are judged under the new settings from the next reading on',
      ],
    ],
    [
      'a size cannot be kept',
      { ...base, windows: [{ ...window, size: '2m' }] },
      { kind: 'keep' },
      [
        'window 1m: size 1m -> 2m: CANNOT BE KEPT (size 1m -> 2m)',
        'rule mean: its window 1m is edited: CANNOT BE KEPT (its window 1m: size 1m -> 2m)',
      ],
    ],
    [
      'a rule on another field cannot be kept, a removed one ends',
      { ...base, rules: [{ ...rule, field: 'humidity' }] },
      { kind: 'keep' },
      [
        'rule hot: field temperature -> humidity: CANNOT BE KEPT (field temperature -> humidity)',
        'rule mean: removed, its alerts end and subscribers are told',
      ],
    ],
    [
      'a rebuild fills what is new',
      { ...base, windows: [window, { name: '5m', size: '5m' }] },
      { kind: 'rebuild', from: 12 },
      ['window 5m: added, filled from message 12 of the log on'],
    ],
    [
      'what spans devices is rebuilt, and the rules on it',
      {
        windows: [
          { ...window, by: ['site'], retain: '1m' },
          { name: '5m', size: '5m', by: [] },
        ],
        rules: [{ ...onWindow, above: 70 }],
      },
      { kind: 'rebuild', from: 12 },
      [
        'window 1m: by [device] -> [site], retain 5m -> 1m: rebuilt from message 12 of the log on, windows that closed since are written again',
        'window 5m: added, filled from message 12 of the log on',
        'rule mean: above 60 -> 70, its window 1m is edited: rebuilt from message 12 of the log on, its transitions since are recorded and notify nobody',
        'rule hot: removed, its alerts end and subscribers are told',
      ],
    ],
    [
      'topics by their template, settings by their keys',
      { ...base, topics: [{ template: 'a/{device}', format: 'json' }], state: { retain: '1d' } },
      { kind: 'reset' },
      [
        'topic a/{device}: added, begins with the next reading',
        'topic sensors/{site}/{device}: removed',
        'topic sensors/{site}/{device}/{field}: removed',
        'state : retain 30d -> 1d: in force from the next message of the log on',
      ],
    ],
  ])('%s', (_what, after, choice, texts) => expect(said(after, choice)).toEqual(texts));

  it('a window is edited with the one that it is folded from', () => {
    const folded = (size: string, lateness: string) => ({ windows: [{ ...window, size, lateness }, hour] });
    expect(said(folded('1m', '10s'), { kind: 'keep' }, folded('1m', '5s'))[1]).toBe(
      'window 1h: its window 1m is edited: kept, open windows go on under the new settings',
    );
    expect(said(folded('2m', '5s'), { kind: 'keep' }, folded('1m', '5s'))[1]).toBe(
      'window 1h: its window 1m is edited: CANNOT BE KEPT (its window 1m: size 1m -> 2m)',
    );
  });

  it.each([
    [
      { kind: 'reset' },
      'reset, readings that wait to be joined are dropped',
      'reset, alerts are unknown until the next reading (--keep would keep them)',
    ],
    [
      { kind: 'keep' },
      'begins afresh, NOT KEPT: readings that wait to be joined are dropped',
      'kept, alerts go on and are judged under the new settings from the next reading on',
    ],
    [
      { kind: 'rebuild', from: 12 },
      'rebuilt from message 12 of the log on, what it joined since is written again',
      'rebuilt from message 12 of the log on, its transitions since are recorded and notify nobody',
    ],
  ] as const)('an edited join and the rule on it, %j', (choice, text, ruleText) => {
    const joins = (left: object) => {
      const rest = { right: { field: 'b' }, tolerance: '1s', expression: 'left' };
      return {
        joins: [{ name: 'delta', left: { field: 'a', ...left }, ...rest }],
        rules: [{ name: 'apart', field: 'delta', above: 1 }],
      };
    };
    expect(said(joins({ where: { device: 'x' } }), choice, joins({}))).toEqual([
      `rule apart: its join delta is edited: ${ruleText}`,
      `join delta: left { field: a, where: {} } -> { field: a, where: { device: x } }: ${text}`,
    ]);
  });

  it('a list of a later version appears without further code', () => {
    const [before, after] = [parse(base), { ...parse(base), gauges: [{ name: 'lines' }] }];
    expect(planChanges(before, after).filter(({ kind }) => kind === 'added')).toMatchObject([
      { part: 'gauge', name: 'lines', hasState: false },
    ]);
  });

  it('is said a line for each, and one for what stays', () => {
    const changes = planChanges(parse(base), parse({ ...base, rules: [{ ...rule, above: 70 }, onWindow] }));
    expect(planText(createStyle(false), changes, { kind: 'keep' })).toBe(
      [
        '  rule        hot  above 60 -> 70: kept, alerts go on and are judged under the new settings from the next reading on',
        '  unchanged   1 window, 1 rule, 4 topics',
      ].join('\n'),
    );
  });
});

it('what services read at their start only is named, what the start filled in is not', () => {
  const running = configSchema.parse({ http: { port: 8080 }, log: { maxBytes: '1GiB' }, webhooks: [] });
  expect(restartNeeds(running, configSchema.parse({ http: { port: 9090 }, mqtt: { port: 0 } }))).toEqual([
    'http.port 8080 -> 9090',
  ]);
  const webhooks = [{ name: 'ops', url: 'http://127.0.0.1:1/' }];
  expect(restartNeeds(running, configSchema.parse({ webhooks }))).toEqual(['webhooks']);
  const spanning = configSchema.parse({ webhooks: [], windows: [{ ...window, by: ['site'] }] });
  expect(restartNeeds(running, spanning)).toEqual([]);
});
