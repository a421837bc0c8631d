import { expect, it } from 'vitest';
import { timeReader, type TimeNotation } from './time-reader.ts';

const ms = (text: string) => Date.parse(text) * 1e3;

it.each<[value: unknown, notation: TimeNotation, timeUs: number]>([
  ['2026-07-01T12:00:00', { timezone: 'Europe/Berlin' }, ms('2026-07-01T10:00:00Z')],
  ['2026-01-01T12:00:00.25', { timezone: 'Europe/Berlin' }, ms('2026-01-01T11:00:00.250Z')],
  ['2026-07-01', { timezone: 'Europe/Berlin' }, ms('2026-06-30T22:00:00Z')],
  // An offset of its own is stronger.
  ['2026-07-01T12:00:00Z', { timezone: 'Europe/Berlin' }, ms('2026-07-01T12:00:00Z')],
  ['2026-07-01T12:00:00-05:00', { timezone: 'Europe/Berlin' }, ms('2026-07-01T17:00:00Z')],
  // Clocks go from 2 to 3, and from 3 back to 2.
  ['2026-03-29T01:59:59', { timezone: 'Europe/Berlin' }, ms('2026-03-29T00:59:59Z')],
  ['2026-03-29T02:30:00', { timezone: 'Europe/Berlin' }, ms('2026-03-29T01:30:00Z')],
  ['2026-03-29T03:00:00', { timezone: 'Europe/Berlin' }, ms('2026-03-29T01:00:00Z')],
  ['2026-10-25T02:30:00', { timezone: 'Europe/Berlin' }, ms('2026-10-25T00:30:00Z')],
  ['2026-10-25T03:00:00', { timezone: 'Europe/Berlin' }, ms('2026-10-25T02:00:00Z')],
  ['2026-07-01T12:00:00', { timezone: 'Asia/Kathmandu' }, ms('2026-07-01T06:15:00Z')],
  [1_782_900_000, { timezone: 'Europe/Berlin' }, 1_782_900_000e6],
  [500, { timeUnit: 's' }, 500e6],
  ['500.5', { timeUnit: 'ms' }, 500_500],
  [7, { timeUnit: 'us' }, 7],
  ['1782900000123456789', { timeUnit: 'ns' }, 1_782_900_000_123_457],
  ['2026-07-01T12:00:00', { timeUnit: 'ms' }, ms('2026-07-01T12:00:00Z')],
])('%s %j', (value, notation, timeUs) => expect(timeReader(notation)(value)).toBe(timeUs));

it.each<[value: unknown, notation: TimeNotation]>([
  ['soon', { timezone: 'Europe/Berlin' }],
  ['soon', { timeUnit: 's' }],
  [{}, { timeUnit: 's' }],
  [1e300, { timeUnit: 's' }],
  [true, { timezone: 'Europe/Berlin' }],
])('no time: %s %j', (value, notation) => expect(timeReader(notation)(value)).toMatchObject({ reason: 'clock-unset' }));
