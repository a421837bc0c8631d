import { expect, it } from 'vitest';
import type { Problem } from './pipeline-status.ts';
import { ProblemLines } from './problem-lines.ts';

const one = (text: string, id = text): Problem => ({ id, text });

it('says what begins and what is over, once', () => {
  const lines = new ProblemLines();
  expect(lines.next([one('a'), one('b')], 0)).toEqual({ begun: ['a', 'b'], over: [] });
  expect(lines.next([one('a'), one('b')], 1_000)).toEqual({ begun: [], over: [] });
  expect(lines.next([one('b'), one('c')], 2_000)).toEqual({ begun: ['c'], over: ['a'] });
  expect(lines.next([], 3_000)).toEqual({ begun: [], over: ['b', 'c'] });
  expect(lines.next([one('a')], 4_000)).toEqual({ begun: ['a'], over: [] });
});

it('other words for the same are said after ten minutes at the earliest', () => {
  const lines = new ProblemLines();
  const refused = (count: number) => [one(`${count} clients refused`, 'CLIENTS_REFUSED')];
  expect(lines.next(refused(2), 0).begun).toEqual(['2 clients refused']);
  expect(lines.next(refused(4), 599_999)).toEqual({ begun: [], over: [] });
  expect(lines.next(refused(8), 600_000)).toEqual({ begun: ['8 clients refused'], over: [] });
  expect(lines.next(refused(16), 600_001)).toEqual({ begun: [], over: [] });
  expect(lines.next([], 700_000)).toEqual({ begun: [], over: ['8 clients refused'] });
});
