import { expect, it } from 'vitest';
import type { RedriveOutcome } from '../../../../events/quarantine.ts';
import { outcomeWords } from './outcome-words.ts';

const of = { partition: 0, sequence: 1, index: 0, part: null, by: 'worker' } as const;
const outcome: RedriveOutcome = {
  of,
  origin: { partition: 0, sequence: 2, index: 0 },
  atUs: 0,
  readings: 0,
  duplicate: 0,
  filtered: 0,
  quarantined: 0,
  reason: null,
};

it.each<[string, Partial<RedriveOutcome> | null, string]>([
  ['it stands', null, ''],
  ['one reading', { readings: 1 }, 'became 1 reading'],
  [
    'several, one of them refused',
    { readings: 2, quarantined: 1, reason: 'not-json' },
    'became 2 readings, refused again, not-json',
  ],
  ['again', { duplicate: 1 }, 'was a reading already'],
  ['partly again', { readings: 1, duplicate: 2 }, 'became 1 reading, 2 duplicates'],
  ['by storage', { of: { ...of, by: 'storage' }, duplicate: 1 }, 'handed to storage again'],
])('%s', (_what, over, words) =>
  expect(outcomeWords({ outcome: over === null ? null : { ...outcome, ...over } })).toBe(words),
);

it('an item that a redrive brought about says so', () =>
  expect(outcomeWords({ outcome: null, redriven: of })).toBe('redriven, refused again'));
