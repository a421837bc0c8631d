import { describe, expect, it } from 'vitest';
import type { Transition } from '../../events/alert.ts';
import type { RuleConfig, WindowConfig } from '../../infra/config/schema.ts';
import { ThresholdRule } from './threshold-rule.ts';

const s = 1e6;
const base = 1_782_900_000 * s;
const hot: RuleConfig = { name: 'hot', field: 't', above: 85, for: 0, stale: 300_000, severity: 'critical', where: {} };
const source = { key: 'plant1/press', device: 'press', tags: { site: 'plant1' } };

/** At `at` seconds of the log: a value (its event time `from`, else now), or only time's passing. */
interface Event {
  at: number;
  value?: number;
  from?: number;
}

/** Runs the events through a rule, over a snapshot before each, and tells its transitions. */
function run(config: Partial<RuleConfig>, events: readonly Event[], window: WindowConfig | null = null) {
  const transitions: Transition[] = [];
  let rule = new ThresholdRule({ ...hot, ...config }, window, 0);
  let elapsedUs = 0;
  for (const [i, { at, value, from = at }] of events.entries()) {
    rule = new ThresholdRule({ ...hot, ...config }, window, elapsedUs, structuredClone(rule.cells()));
    elapsedUs = at * s;
    const moment = { nowUs: base + at * s, elapsedUs, historicalBeforeUs: base + (at - 3600) * s };
    rule.advance({ partition: 0, sequence: i, index: -1 }, moment, transitions);
    if (value === undefined) continue;
    const origin = { partition: 0, sequence: i, index: 0 };
    rule.judge({ source, value, timeUs: base + from * s, origin }, moment, transitions);
  }
  const steps = transitions.map(({ from, to, notify }) => `${from}>${to}${notify === null ? '' : ` ${notify}`}`);
  return { transitions, steps, rule };
}

const values = (...list: number[]): Event[] => list.map((value, at) => ({ at, value }));

describe('thresholds', () => {
  it.each<[string, Partial<RuleConfig>, Event[], string[]]>([
    ['exactly at the limit is ok', { above: 85 }, values(85), ['unknown>ok']],
    ['just above fires', { above: 85 }, values(85.000001), ['unknown>firing firing']],
    [
      'without clear it ends at the limit',
      { above: 85 },
      values(86, 85),
      ['unknown>firing firing', 'firing>ok resolved'],
    ],
    ['at clear it still fires', { above: 85, clear: 80 }, values(86, 80), ['unknown>firing firing']],
    [
      'just below clear it ends',
      { above: 85, clear: 80 },
      values(86, 79.999),
      ['unknown>firing firing', 'firing>ok resolved'],
    ],
    ['between clear and limit nothing begins', { above: 85, clear: 80 }, values(70, 83), ['unknown>ok']],
    ['clear equal to the limit is strict', { above: 85, clear: 85 }, values(86, 85), ['unknown>firing firing']],
    ['below: at the limit', { above: undefined, below: 10 }, values(10), ['unknown>ok']],
    [
      'below: under it',
      { above: undefined, below: 10 },
      values(9.9, 10),
      ['unknown>firing firing', 'firing>ok resolved'],
    ],
    [
      'below: clear',
      { above: undefined, below: 10, clear: 12 },
      values(9, 12, 12.1),
      ['unknown>firing firing', 'firing>ok resolved'],
    ],
    ['outside: both ends are inside', { above: undefined, outside: [0, 10] }, values(0, 10), ['unknown>ok']],
    [
      'outside',
      { above: undefined, outside: [0, 10] },
      values(-1, 11, 5),
      ['unknown>firing firing', 'firing>ok resolved'],
    ],
  ])('%s', (_what, config, events, steps) => expect(run(config, events).steps).toEqual(steps));
});

describe('for', () => {
  const config = { for: 10_000 };
  it.each<[string, Event[], string[]]>([
    ['just before', [{ at: 0, value: 90 }, { at: 9.999999 }], ['unknown>pending']],
    ['exactly at it, by a tick', [{ at: 0, value: 90 }, { at: 10 }], ['unknown>pending', 'pending>firing firing']],
    [
      'a value at the limit ends pending, whatever clear is',
      [{ at: 0, value: 90 }, { at: 5, value: 85 }, { at: 20 }],
      ['unknown>pending', 'pending>ok'],
    ],
    [
      'pending begins anew',
      [{ at: 0, value: 90 }, { at: 9, value: 1 }, { at: 9.5, value: 90 }, { at: 19 }, { at: 19.5 }],
      ['unknown>pending', 'pending>ok', 'ok>pending', 'pending>firing firing'],
    ],
    [
      'what is due fires before the same message ends it',
      [
        { at: 0, value: 90 },
        { at: 10, value: 20 },
      ],
      ['unknown>pending', 'pending>firing firing', 'firing>ok resolved'],
    ],
    [
      'elapsed counts, not the times of the readings',
      [{ at: 0, value: 90, from: -100 }, { at: 1, value: 90, from: -50 }, { at: 9 }, { at: 10 }],
      ['unknown>pending', 'pending>firing firing'],
    ],
  ])('%s', (_what, events, steps) => expect(run({ ...config, clear: 80 }, events).steps).toEqual(steps));

  it('the alert is since its first reading', () => {
    const { transitions } = run({ for: 10_000 }, [
      { at: 1, value: 90 },
      { at: 5, value: 95 },
      { at: 11 },
      { at: 12, value: 1 },
    ]);
    expect(transitions.map(({ sinceUs }) => (sinceUs - base) / s)).toEqual([1, 1, 1]);
    expect(transitions.map(({ value }) => value)).toEqual([90, 95, 1]);
  });
});

describe('stale', () => {
  it.each<[string, Partial<RuleConfig>, Event[], string[]]>([
    ['just before', {}, [{ at: 0, value: 1 }, { at: 299.999999 }], ['unknown>ok']],
    ['exactly at it', {}, [{ at: 0, value: 1 }, { at: 300 }], ['unknown>ok', 'ok>unknown']],
    [
      'firing, unknown and firing again is one alert',
      {},
      [{ at: 0, value: 90 }, { at: 300 }, { at: 301, value: 90 }],
      ['unknown>firing firing', 'firing>unknown', 'unknown>firing'],
    ],
    [
      'unknown to ok after firing is its end',
      {},
      [{ at: 0, value: 90 }, { at: 300 }, { at: 301, value: 20 }],
      ['unknown>firing firing', 'firing>unknown', 'unknown>ok resolved'],
    ],
    [
      'hysteresis holds only while firing',
      { clear: 80 },
      [{ at: 0, value: 90 }, { at: 300 }, { at: 301, value: 83 }],
      ['unknown>firing firing', 'firing>unknown', 'unknown>ok resolved'],
    ],
    [
      'what goes stale while pending does not fire',
      { for: 301_000 },
      [{ at: 0, value: 90 }, { at: 299.5 }, { at: 301.5 }],
      ['unknown>pending', 'pending>unknown'],
    ],
    [
      'each judged reading starts it anew',
      {},
      [{ at: 0, value: 1 }, { at: 299, value: 1 }, { at: 598 }, { at: 599 }],
      ['unknown>ok', 'ok>unknown'],
    ],
  ])('%s', (_what, config, events, steps) => expect(run(config, events).steps).toEqual(steps));

  it('of a window rule counts from when the next result could have come', () => {
    const window: WindowConfig = {
      name: '1m',
      kind: 'tumbling',
      size: 60_000,
      by: ['device'],
      lateness: 0,
      idle: 30_000,
      retain: 0,
      fields: ['*'],
      aggregates: [],
    };
    const config: Partial<RuleConfig> = { window: '1m', aggregate: 'mean' };
    expect(run(config, [{ at: 0, value: 1 }, { at: 359 }, { at: 360 }], window).steps).toEqual([
      'unknown>ok',
      'ok>unknown',
    ]);
  });
});

describe('what is judged', () => {
  it('not what is not newer than the last', () => {
    const events = [
      { at: 0, value: 1 },
      { at: 1, value: 90, from: 0 },
      { at: 2, value: 90, from: -5 },
      { at: 3, value: 90, from: 0.000001 },
    ];
    expect(run({}, events).steps).toEqual(['unknown>ok', 'ok>firing firing']);
  });

  it.each<[Record<string, string>, number]>([
    [{ site: 'plant1' }, 1],
    [{ device: 'press', site: 'plant1' }, 1],
    [{ site: 'plant2' }, 0],
    [{ device: 'other' }, 0],
    [{ line: '3' }, 0],
  ])('where %j', (where, count) => expect(run({ where }, values(90)).transitions).toHaveLength(count));
});

describe('historical', () => {
  it('is recorded, not notified', () => {
    const { transitions } = run({}, [
      { at: 0, value: 90, from: -3601 },
      { at: 1, value: 20, from: -3600.5 },
    ]);
    expect(transitions).toMatchObject([
      { to: 'firing', historical: true, notify: null },
      { to: 'ok', historical: true, notify: null },
    ]);
  });

  it('exactly maxAge old is not historical', () => {
    expect(run({}, [{ at: 0, value: 90, from: -3600 }]).transitions).toMatchObject([
      { historical: false, notify: 'firing' },
    ]);
  });

  it('an alert that still fires when the backlog is over is told then', () => {
    const events = [
      { at: 0, value: 90, from: -7200 },
      { at: 1, value: 91, from: -7000 },
      { at: 2, value: 92 },
      { at: 3, value: 93 },
    ];
    expect(run({}, events).steps).toEqual(['unknown>firing', 'firing>firing firing']);
  });

  it('an end that was historical is told by the next reading', () => {
    const events = [
      { at: 0, value: 90 },
      { at: 7200, value: 20, from: 1 },
      { at: 7201, value: 20 },
    ];
    expect(run({ stale: 1e9 }, events).steps).toEqual(['unknown>firing firing', 'firing>ok', 'ok>ok resolved']);
  });
});

it('a transition says all of it', () => {
  const { transitions, rule } = run({ for: 90_000, where: { site: 'plant1' } }, [{ at: 0, value: 90 }, { at: 90 }]);
  expect(transitions[1]).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    rule: 'hot',
    ...source,
    field: 't',
    from: 'pending',
    to: 'firing',
    severity: 'critical',
    value: 90,
    threshold: 85,
    timeUs: base + 90 * s,
    decidedAtUs: base + 90 * s,
    sinceUs: base,
    historical: false,
    notify: 'firing',
    condition: 't above 85 for 90s',
    origin: { partition: 0, sequence: 1, index: -1 },
  });
  expect(rule.status(source.key)).toEqual({
    rule: 'hot',
    ...source,
    field: 't',
    state: 'firing',
    severity: 'critical',
    value: 90,
    threshold: 85,
    sinceUs: base,
    condition: 't above 85 for 90s',
    id: transitions[1]!.id,
  });
});

it('ids differ between transitions, and are the same in a replay', () => {
  const events = [...values(90, 20, 90, 20), { at: 400 }];
  const ids = run({}, events).transitions.map(({ id }) => id);
  expect(new Set(ids).size).toBe(5);
  expect(run({}, events).transitions.map(({ id }) => id)).toEqual(ids);
});
