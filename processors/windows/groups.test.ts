import { describe, expect, it } from 'vitest';
import { inWindowOrder } from '../operators/output-order.ts';
import { stored } from '../test-log.ts';
import { groupsMax } from './groups-max.ts';
import { WindowSet, type WindowSetSnapshot } from './window-set.ts';
import { baseUs, push, windowConfigs, type Message } from './windows-under-test.ts';

const s = 1e6;
const times = { lateness: '1s', retain: '5s' };
const kinds = {
  tumbling: { size: '2s', ...times },
  hopping: { size: '4s', every: '2s', ...times },
  session: { gap: '2s', ...times },
  sliding: { size: '4s', lateness: '1s' },
  count: { count: 3 },
} as const;
const config = (kind: keyof typeof kinds) => ({ name: kind, kind, by: ['site'], ...kinds[kind] });
const folds = [
  config('tumbling'),
  { name: '6s', size: '6s', from: 'tumbling', by: ['site'], retain: '5s' },
  { name: '12s', size: '12s', from: '6s', by: ['site'], retain: '9s' },
];
const retainUs = 30 * s;
const setOf = (configs: ReturnType<typeof windowConfigs>, restored?: WindowSetSnapshot) =>
  new WindowSet(configs, 0, restored, retainUs);

/** A message a second, each from a site that nobody saw before. */
const invented = (seconds: number): Message[] =>
  Array.from({ length: seconds }, (_, i) => ({ nowS: i, sent: [{ atS: i, tags: { site: `s${i}` } }] }));
const passing = (fromS: number, toS: number): Message[] =>
  Array.from({ length: toS - fromS }, (_, i) => ({ nowS: fromS + i }));

/** The window's state as bytes. */
const sizeOf = (set: WindowSet) => JSON.stringify(stored(set.snapshot())).length;

describe.each([
  ...(Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => [kind, windowConfigs(config(kind))] as const),
  ['folded', windowConfigs(...folds)] as const,
])('groups of a %s window', (_kind, configs) => {
  it('are forgotten when nothing of them is left', () => {
    const set = setOf(configs);
    push(set, [...invented(200), ...passing(200, 240)]);
    const untouched = setOf(configs);
    push(untouched, passing(0, 240));
    expect(stored(set.snapshot())).toEqual(stored(untouched.snapshot()));
  });

  it('do not pile up while they come', () => {
    const set = setOf(configs);
    push(set, invented(100));
    const once = sizeOf(set);
    push(set, invented(400).slice(100));
    expect(sizeOf(set)).toBeLessThan(once * 1.3);
  });

  it('are forgotten at the same message after a restart at any', () => {
    const messages = [...invented(60), ...passing(60, 110)];
    const whole = setOf(configs);
    const steps = messages.map((message, i) => ({
      ...push(whole, [message], i + 1),
      state: stored(whole.snapshot()),
    }));
    for (let cut = 0; cut < messages.length; cut += 7) {
      const restored = setOf(configs, steps[cut]!.state as WindowSetSnapshot);
      for (let i = cut + 1; i < messages.length; i++) {
        const { results } = push(restored, [messages[i]!], i + 1);
        expect(results.toSorted(inWindowOrder)).toEqual(steps[i]!.results.toSorted(inWindowOrder));
        expect(stored(restored.snapshot())).toEqual(steps[i]!.state);
      }
    }
  });
});

it('groups of a count window are closed when nothing came for state.retain', () => {
  const set = setOf(windowConfigs(config('count')));
  const { results } = push(set, [...invented(1), ...passing(1, 31)]);
  expect(results).toMatchObject([{ key: 'site=s0', count: 1, origin: { sequence: 31 } }]);
  set.retainState(5 * s, 31 * s);
  const later = push(set, [{ nowS: 31, sent: [{ atS: 31, tags: { site: 'x' } }] }, ...passing(32, 37)]);
  expect(later.results).toMatchObject([{ key: 'site=x', count: 1, origin: { sequence: 6 } }]);
});

it('a source is forgotten with the last window that was folded from it, also when that is taken out', () => {
  const set = setOf(windowConfigs(...folds));
  push(set, [...invented(3), ...passing(3, 15)]);
  set.reconfigure(windowConfigs(folds[0]!), 15 * s);
  const untouched = setOf(windowConfigs(folds[0]!));
  push(untouched, passing(0, 15));
  expect(stored(set.snapshot())).toEqual(stored(untouched.snapshot()));
});

it.each(['tumbling', 'session', 'sliding', 'count'] as const)(
  'a %s window has a bounded number of groups; readings of further ones are left out and counted',
  (kind) => {
    const set = setOf(windowConfigs(config(kind)));
    const sent = Array.from({ length: groupsMax }, (_, i) => ({ atS: 0, tags: { site: `s${i}` } }));
    const further = { atS: 0, tags: { site: 'further' } };
    push(set, [{ nowS: 0, sent }]);
    expect(set.takeLeftOut()).toEqual([]);
    const { results } = push(set, [{ nowS: 0, sent: [further, further, { atS: 0, tags: { site: 's0' } }] }]);
    expect(results.filter(({ key }) => key === 'site=further')).toEqual([]);
    expect(set.takeLeftOut()).toEqual([{ part: 'window', name: kind, readings: 2 }]);
    expect(set.takeLeftOut()).toEqual([]);
    expect(set.partials('site=further', { partition: 0, sequence: 3, index: -1 })).toEqual([]);
  },
);

it('a device that is forgotten drops no group, whatever its key is', () => {
  const set = setOf(windowConfigs({ name: 'all', size: '10s', by: [] }));
  push(set, [{ nowS: 0, sent: [{ atS: 0 }] }]);
  set.forget('fleet', { partition: 0, sequence: 2, index: -1 }, []);
  const { results } = push(set, [{ nowS: 60 }], 2);
  expect(results).toMatchObject([{ key: 'fleet', count: 1, startUs: baseUs }]);
});

it('what a forgotten group closed stays closed when the window is kept under a greater lateness', () => {
  const configs = (lateness: string) => windowConfigs({ name: 'w', size: '10s', by: ['site'], retain: '1s', lateness });
  const set = setOf(configs('0s'));
  const tags = { site: 'x' };
  push(set, [{ nowS: 5, sent: [{ atS: 5, tags }] }, { nowS: 32 }]);
  // One worker died just before the change, another one just after it.
  const before = setOf(configs('0s'), stored(set.snapshot()) as WindowSetSnapshot);
  for (const one of [set, before]) one.reconfigure(configs('30s'), 32 * s, { kind: 'keep' });
  const after = setOf(configs('30s'), stored(set.snapshot()) as WindowSetSnapshot);
  for (const one of [set, before, after])
    expect(push(one, [{ nowS: 33, sent: [{ atS: 6, tags }] }], 3)).toEqual({ results: [], late: 1 });
});
