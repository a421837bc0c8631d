import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { WindowSet } from './window-set.ts';
import { baseUs, each, lines, push, windowConfigs, type Message } from './windows-under-test.ts';

const s = 1e6;

it('a hopping window begins every so often, and each reading is in several', () => {
  const windows = windowConfigs({ name: 'h', kind: 'hopping', size: '3m', every: '1m', lateness: '0s' });
  expect(lines(windows, each(130, 200, 400)).rows).toEqual([
    [0, 180, 1, 0],
    [60, 240, 2, 0],
    [120, 300, 2, 0],
    [180, 360, 1, 0],
  ]);
});

it('a late reading revises just those hopping windows that have closed', () => {
  const windows = windowConfigs({ name: 'h', kind: 'hopping', size: '2m', every: '1m', lateness: '0s' });
  expect(lines(windows, each(0, 119, 121, 61, 300)).rows).toEqual([
    [-60, 60, 1, 0],
    [0, 120, 2, 0],
    [0, 120, 3, 1],
    [60, 180, 3, 0],
    [120, 240, 1, 0],
  ]);
});

const log = fc.array(
  fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b'),
      atS: fc.integer({ min: 0, max: 60_000 }).map((ms) => ms / 1e3),
      value: fc.integer({ min: -50, max: 50 }),
    }),
    { maxLength: 5 },
  ),
  { maxLength: 30 },
);

it.each([
  ['tumbling', { name: 'w', size: '5s', lateness: '3s', retain: '10s' }],
  ['tumbling without retain', { name: 'w', size: '5s', lateness: '1s', retain: '0s' }],
  ['hopping', { name: 'w', kind: 'hopping', size: '9s', every: '3s', lateness: '2s', retain: '10s' }],
] as const)('%s windows equal a naive oracle for any disorder', (_what, window) => {
  const [config] = windowConfigs({ ...window, idle: '1h' });
  fc.assert(
    fc.property(log, (sends) => {
      // The clock stands still: nothing closes by silence.
      const messages = sends.map((sent): Message => ({ nowS: 0, sent }));
      const { results, late } = push(new WindowSet([config!], 0), messages);
      const line = results.map(
        ({ key, startUs, count, sum, revision, origin }) =>
          `${origin.sequence} ${key} ${(startUs - baseUs) / s} ${count} ${sum} ${revision}`,
      );
      const expected = oracle(config!, messages);
      expect(late).toBe(expected.late);
      expect(line.toSorted()).toEqual(expected.lines.toSorted());
    }),
  );
});

/** Each reading by itself, in each window by itself. */
function oracle({ size, every = size, lateness, retain }: WindowConfig, messages: readonly Message[]) {
  const [sizeS, everyS] = [size! / 1e3, every! / 1e3];
  const greatest = new Map<string, number>();
  const windows = new Map<string, { key: string; endS: number; values: number[]; results: number; open: boolean }>();
  const told: string[] = [];
  let late = 0;
  for (const [i, { sent = [] }] of messages.entries()) {
    const changed = new Set<string>();
    const tell = (id: string) => {
      const window = windows.get(id)!;
      const sum = window.values.reduce((a, b) => a + b, 0);
      told.push(`${i + 1} ${id} ${window.values.length} ${sum} ${window.results++}`);
    };
    for (const { key = 'd', atS, value } of sent) {
      const watermark = (greatest.get(key) ?? -Infinity) - lateness / 1e3;
      let isLate = false;
      for (let start = Math.floor(atS / everyS) * everyS; start + sizeS > atS; start -= everyS) {
        const id = `${key} ${start}`;
        const endS = start + sizeS;
        const closed = endS <= watermark;
        isLate ||= closed;
        if (closed && endS + retain / 1e3 <= watermark) continue;
        const window = windows.get(id) ?? { key, endS, values: [], results: 0, open: !closed };
        windows.set(id, window);
        window.values.push(Number(value));
        if (closed) changed.add(id);
      }
      if (isLate) late++;
      greatest.set(key, Math.max(greatest.get(key) ?? -Infinity, atS));
      for (const [id, window] of windows) {
        if (!window.open || window.key !== key || window.endS > greatest.get(key)! - lateness / 1e3) continue;
        window.open = false;
        tell(id);
      }
    }
    for (const id of changed) tell(id);
  }
  return { late, lines: told };
}
