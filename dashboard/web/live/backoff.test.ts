import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { silence } from './pulse.ts';

it.each([
  [1, 250, 500],
  [2, 500, 1_000],
  [5, 4_000, 8_000],
  [6, 7_500, 15_000],
  [60, 7_500, 15_000],
])('attempt %s waits %s to %s ms', (attempt, least, most) => {
  expect(backoffMs(attempt, 0)).toBe(least);
  expect(backoffMs(attempt, 1)).toBe(most);
});

it('never waits longer than 15 s', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => backoffMs(attempt, random) <= 15_000,
    ),
  );
});

it.each([
  [1_999, 'fine'],
  [2_000, 'waiting'],
  [4_999, 'waiting'],
  [5_000, 'lost'],
])('%s ms of silence: %s', (ms, said) => expect(silence(1_000, 1_000 + ms)).toBe(said));
