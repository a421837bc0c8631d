import { expect, it } from 'vitest';
import { checkpointIntervalMs, checkpointIsDue } from './checkpoint-due.ts';

it.each([
  ['a small state: every 5 s', 20, 5_000],
  ['exactly a fortieth of 5 s', 125, 5_000],
  ['more: a fortieth of the time', 400, 16_000],
  ['no later than after 20 s', 600, 20_000],
  ['exactly a sixteenth of 20 s', 1_250, 20_000],
  ['a huge state: a sixteenth of the time', 3_000, 48_000],
])('%s', (_what, tookMs, intervalMs) => {
  expect(checkpointIntervalMs(tookMs)).toBe(intervalMs);
  expect(checkpointIsDue({ tookMs, passedMs: intervalMs - 1, readings: 399_999 })).toBe(false);
  expect(checkpointIsDue({ tookMs, passedMs: intervalMs, readings: 1 })).toBe(true);
});

it.each([
  ['400,000 readings', 100, 1_600, 400_000, true],
  ['one less', 100, 1_600, 399_999, false],
  ['not before a sixteenth of the time', 100, 1_599, 400_000, false],
])('%s: %i ms taken, %i ms passed', (_what, tookMs, passedMs, readings, due) =>
  expect(checkpointIsDue({ tookMs, passedMs, readings })).toBe(due),
);
