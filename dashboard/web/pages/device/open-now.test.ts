import { expect, it } from 'vitest';
import type { WindowResult } from '../../../../events/window.ts';
import { openWindows } from './open-now.ts';

const s = 1_000_000;
function final(window: string, field: string, startS: number, endS: number, more: Partial<WindowResult> = {}) {
  const numbers = { count: 2, min: 1, max: 3, mean: 2, sum: 4, first: 1, last: 3, stddev: 1 };
  const about = { key: 'plant1/press-7', device: 'press-7', tags: {}, revision: 0 };
  const origin = { partition: 0, sequence: 1, index: 0 };
  return { window, field, startUs: startS * s, endUs: endS * s, ...numbers, ...about, origin, ...more } as WindowResult;
}
const partial: typeof final = (...of) => ({ ...final(...of), partial: true });

it('the shortest first, fields as the charts have them, readings of the field with most', () => {
  const partials = [
    partial('1m', 'power', 0, 60),
    partial('10s', 'humidity', 20, 30, { count: 3 }),
    partial('10s', 'power', 20, 30, { count: 5 }),
  ];
  expect(openWindows(partials, [], ['power', 'humidity'], 25_000)).toMatchObject([
    { name: '10s', count: 5, endUs: 30 * s, further: 0, results: [{ field: 'power' }, { field: 'humidity' }] },
    { name: '1m', results: [{ field: 'power' }] },
  ]);
});

it('of several open ones the next to end, not the one that waits for late readings', () => {
  const partials = [0, 10, 20].map((startS) => partial('hop', 't', startS, startS + 20));
  const at = (nowS: number) => openWindows(partials, [], ['t'], nowS * 1_000)[0]!;
  expect(at(15)).toMatchObject({ endUs: 20 * s, further: 2 });
  expect(at(21)).toMatchObject({ endUs: 30 * s, further: 2 });
  expect(at(99)).toMatchObject({ endUs: 40 * s, further: 2 });
});

it('sessions have bounds of their own', () => {
  const partials = [partial('visit', 'a', 0, 10, { varies: true }), partial('visit', 'b', 3, 12, { varies: true })];
  const [visit] = openWindows(partials, [], ['b', 'a'], 11_000);
  expect(visit).toMatchObject({ varies: true, further: 0, results: [{ field: 'b' }, { field: 'a' }] });
});

it('none', () => expect(openWindows([], [], [], 0)).toEqual([]));

it('the last that closed stands in its place until the next one opens', () => {
  const closed = [
    final('10s', 'power', 0, 10),
    final('10s', 'power', 10, 20),
    final('10s', 'power', 10, 20, { revision: 1, count: 7 }),
  ];
  expect(openWindows([], closed, ['power'], 25_000)).toMatchObject([
    { name: '10s', isClosed: true, count: 7, further: 0, results: [{ revision: 1 }] },
  ]);
  const next = partial('10s', 'power', 20, 30);
  expect(openWindows([next], closed, ['power'], 25_000)).toMatchObject([
    { isClosed: false, results: [{ partial: true }] },
  ]);
});
