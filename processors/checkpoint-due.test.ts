import { expect, it } from 'vitest';
import { checkpointIntervalMs, checkpointIsDue } from './checkpoint-due.ts';

it.each([
  ['a small state: every 5 s', 20, 5_000],
  ['exactly a twentieth of 5 s', 250, 5_000],
  ['more: a twentieth of the time', 400, 8_000],
  ['no later than after 10 s', 600, 10_000],
  ['exactly an eighth of 10 s', 1_250, 10_000],
  ['a huge state: an eighth of the time', 3_000, 24_000],
])('%s', (_what, tookMs, intervalMs) => {
  expect(checkpointIntervalMs(tookMs)).toBe(intervalMs);
  expect(checkpointIsDue({ tookMs, passedMs: intervalMs - 1, readings: 199_999 })).toBe(false);
  expect(checkpointIsDue({ tookMs, passedMs: intervalMs, readings: 1 })).toBe(true);
});

it.each([
  ['200,000 readings', 100, 800, 200_000, true],
  ['one less', 100, 800, 199_999, false],
  ['not before an eighth of the time', 100, 799, 200_000, false],
])('%s: %i ms taken, %i ms passed', (_what, tookMs, passedMs, readings, due) =>
  expect(checkpointIsDue({ tookMs, passedMs, readings })).toBe(due),
);
