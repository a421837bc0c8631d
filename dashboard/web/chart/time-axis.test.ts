import { expect, it } from 'vitest';
import { timeLabels } from './time-axis.ts';

const at = (hours: number, minutes = 0) => Date.UTC(2026, 10, 22, hours, minutes) / 1000;

it.each([
  ['minutes', [at(9), at(9, 5)], 300, ['09:00', '09:05']],
  ['seconds when close', [at(9), at(9) + 10], 10, ['09:00:00', '09:00:10']],
  ['the day under the first tick after midnight', [at(23), at(24), at(25)], 3600, ['23:00', '00:00\n23 Nov', '01:00']],
  ['days', [at(0), at(24)], 86_400, ['22 Nov', '23 Nov']],
])('%s', (_, ticks, step, labels) => expect(timeLabels(ticks, step, 'UTC')).toEqual(labels));
