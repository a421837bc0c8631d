import { describe, expect, it } from 'vitest';
import type { WindowResult } from '../../../../events/window.ts';
import { LiveTail } from '../../chart/live-tail.ts';
import { fieldView } from './field-spec.ts';

const rule = {
  rule: 'too-hot',
  field: 'temperature',
  window: null,
  aggregate: null,
  severity: 'critical' as const,
  above: 85,
  below: null,
  clear: 80,
  forMs: 0,
  staleMs: 300_000,
  condition: 'temperature above 85',
  state: 'ok' as const,
  sinceUs: null,
  value: null,
};
const history = {
  key: 'k',
  field: 'temperature',
  fromUs: 0,
  toUs: 60e6,
  kind: 'raw' as const,
  stepUs: null,
  timesUs: [10e6, 20e6, 20e6 + 1, 50e6],
  values: [71.5, 72, null, 73],
  min: [],
  max: [],
  texts: [],
  gapUs: 15e6,
  upToUs: 50e6,
  storedUpToUs: 50e6,
};

function view(more: Partial<Parameters<typeof fieldView>[0]> = {}, tail = new LiveTail()) {
  return fieldView({
    trace: { field: 'temperature', history, windows: null, failure: null, tail, texts: [] },
    device: { rules: [rule], transitions: [] },
    partials: [],
    closed: [],
    fromMs: 0,
    toMs: 60_000,
    aheadMs: 480,
    nowMs: 60_000,
    blind: null,
    gapUs: 15e6,
    live: true,
    states: false,
    worded: true,
    window: null,
    ...more,
  });
}

const closedWindow = (window: string, field: string, startS: number, mean: number | null): WindowResult => ({
  window,
  field,
  key: 'k',
  device: 'k',
  tags: {},
  revision: 0,
  startUs: startS * 1e6,
  endUs: (startS + 20) * 1e6,
  origin: { partition: 0, sequence: 1, index: 0 },
  count: 2,
  min: 70,
  max: 74,
  mean,
  sum: 0,
  first: 70,
  last: 74,
  stddev: 1,
});
const partial: typeof closedWindow = (...of) => ({ ...closedWindow(...of), partial: true });

describe('the open window of the name that is shown', () => {
  const partials = [
    partial('20s', 'temperature', 40, 72),
    partial('20s', 'power', 40, 9),
    partial('1m', 'temperature', 40, 71),
    partial('20s', 'temperature', 20, 60),
    partial('20s', 'temperature', 60, 80),
  ];
  const windows = {
    ...history,
    kind: 'window' as const,
    stepUs: 20e6,
    timesUs: [0, 20e6],
    values: [1, 2],
    min: [1, 1],
    max: [2, 2],
  };
  const trace = { field: 'temperature', history, windows, failure: null, tail: new LiveTail(), texts: [] };
  const open = (more: Partial<Parameters<typeof fieldView>[0]>) =>
    view({ trace, partials, window: '20s', nowMs: 55_000, ...more }).spec.open;

  it('is drawn from its start to now, and no closed one twice', () =>
    expect(open({})).toEqual([{ from: 40, to: 55, mean: 72, min: 70, max: 74 }]));
  it('not beyond its end', () => expect(open({ nowMs: 60_000 })).toMatchObject([{ from: 40, to: 60 }]));
  it('is replaced by its result as soon as that is told', () => {
    const result = closedWindow('20s', 'temperature', 40, 72.5);
    const { spec } = view({ trace, partials, closed: [result], window: '20s', nowMs: 62_000 });
    expect(spec.open).toMatchObject([{ from: 60 }]);
    expect(spec.windows).toMatchObject({ starts: [0, 20, 40], size: 20, mean: [1, 2, 72.5] });
  });
  it('its result is drawn also before there is a history', () => {
    const result = closedWindow('20s', 'temperature', 40, 72.5);
    const fresh = { ...trace, windows: null };
    expect(view({ trace: fresh, closed: [result], window: '20s' }).spec.windows).toEqual({
      starts: [40],
      size: 20,
      mean: [72.5],
      min: [70],
      max: [74],
    });
  });
  it.each([{ window: null }, { blind: { sinceMs: 1, words: 'not received' } }, { states: true }])(
    'not with %j',
    (more) => expect(open(more)).toEqual([]),
  );
});

describe('the chart of a field', () => {
  it('hatches its gaps and names them', () => {
    expect(view().spec.hatches).toEqual([{ from: 20, to: 50, words: 'no data, 30 s' }]);
  });

  it('draws where the rule fires and where it clears', () => {
    expect(view().spec.thresholds).toEqual([
      { value: 85, label: 'fires 85', severity: 'critical' },
      { value: 80, label: 'clears 80', severity: null },
    ]);
  });

  it('has the range of the field, and keeps its ends in sight when readings come near', () => {
    const { spec, limits } = view({ range: [0, 80] });
    expect(spec.range).toEqual({ low: 0, high: 80 });
    expect(limits).toEqual([85, 80, 0, 80]);
    expect(view().spec.range).toBeNull();
    expect(view({ range: [0, 80], states: true }).spec.range).toBeNull();
  });

  it('ends at the latest live reading, with the precision of the field', () => {
    const tail = new LiveTail();
    tail.add(58e6, 74);
    expect(view({}, tail).spec.edge).toEqual({ time: 58, value: 74, label: '74.0', dead: false });
  });

  it('an old last reading is dead and hatched up to now', () => {
    const { spec } = view({ nowMs: 70_000, toMs: 70_000 });
    expect(spec.edge?.dead).toBe(true);
    expect(spec.hatches.at(-1)).toEqual({ from: 50, to: 70, words: 'no data, 20 s' });
  });

  it('a lost connection says that nothing is received, not that nothing was sent', () => {
    const { spec } = view({ nowMs: 90_000, toMs: 90_000, blind: { sinceMs: 55_000, words: 'not received' } });
    expect(spec.edge?.dead).toBe(true);
    expect(spec.hatches.at(-1)).toEqual({ from: 50, to: 90, words: 'not received' });
  });

  it('what was not asked for is not empty but not loaded', () => {
    const { spec } = view({ live: false, fromMs: -30_000, toMs: 90_000, nowMs: 200_000 });
    expect(spec.hatches.filter(({ words }) => words === 'not loaded').map(({ from, to }) => [from, to])).toEqual([
      [-30, 0],
      [60, 90],
    ]);
  });
});
