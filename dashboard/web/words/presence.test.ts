import { expect, it } from 'vitest';
import type { Presence } from '../../../events/device.ts';
import { nameOf, presenceWords } from './presence.ts';

const minute = 60e6;
const nowUs = 100 * minute;
const of = (state: Presence['state'], cause: Presence['cause'], intervalUs: number | null = minute): Presence => ({
  state,
  cause,
  sinceUs: nowUs - 5 * minute,
  intervalUs,
});

it.each([
  [of('online', 'reading'), ''],
  [of('online', 'said'), ''],
  [of('offline', 'said'), 'offline: it was said so 5 min 00 s ago'],
  [of('offline', 'goodbye'), 'offline: it said goodbye 5 min 00 s ago'],
  [of('offline', 'broken'), 'offline: its connection broke 5 min 00 s ago'],
  [of('stale', 'silence'), 'silent for 8 of its intervals of 1 min'],
  [of('unknown', 'silence', null), 'silent for 8 min 00 s, and too new to know how often it sends'],
])('%j', (presence, words) => expect(presenceWords(presence, nowUs - 8 * minute, nowUs / 1000)).toBe(words));

it('a label stands for the name', () => {
  const life = { label: '', retired: false, replacedBy: null };
  expect(nameOf({ device: 'press-7', life })).toBe('press-7');
  expect(nameOf({ device: 'press-7', life: { ...life, label: 'Big press' } })).toBe('Big press');
});
