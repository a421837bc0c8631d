import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventTime } from './event-time.ts';

/** 2026-07-01T10:20:30.123456Z */
const at = 1_782_901_230_123_456;

describe('epoch numbers, by magnitude', () => {
  it.each([
    ['seconds', 1_782_901_230, at - 123_456],
    ['seconds with a fraction', 1_782_901_230.123456, at],
    ['milliseconds', 1_782_901_230_123, at - 456],
    ['microseconds', at, at],
    // As JSON.parse gives it: the double nearest to the text.
    ['nanoseconds on a whole microsecond', Number('1782901230123456000'), at],
    ['nanoseconds', Number('1782901230123456250'), at],
    ['text', '1782901230123', at - 456],
    ['text with a fraction', '1782901230.5', at - 123_456 + 500_000],
    ['the last second before milliseconds', 99_999_999_999, 99_999_999_999e6],
    ['the first millisecond after seconds', 100_000_000_000, 100_000_000_000e3],
    ['the first microsecond', 1e14, 1e14],
    ['the first nanosecond', 1e17, 1e14],
    ['zero', 0, 0],
    ['before the epoch', -1, -1e6],
  ])('%s: %j', (_what, value, expected) => expect(parseEventTime(value)).toBe(expected));

  it('is exact for every microsecond of today, in nanoseconds and in microseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 946_684_800_000_000, max: 4_102_444_800_000_000 }), (timeUs) => {
        expect(parseEventTime(timeUs)).toBe(timeUs);
        expect(parseEventTime(JSON.parse(`${timeUs}000`))).toBe(timeUs);
      }),
    );
  });
});

describe('ISO 8601', () => {
  it.each([
    ['2026-07-01T10:20:30.123456Z', at],
    ['2026-07-01T10:20:30.123456', at],
    ['2026-07-01 10:20:30,123456z', at],
    ['2026-07-01T12:20:30.123456+02:00', at],
    ['2026-07-01T05:50:30.123456-0430', at],
    ['2026-07-01T12:20:30.123456+02', at],
    ['2026-07-01T10:20:30.1234564Z', at],
    ['2026-07-01T10:20:30.123455999Z', at],
    ['2026-07-01T10:20:30.123Z', at - 456],
    ['2026-07-01T10:20:30Z', at - 123_456],
    ['2026-07-01T10:20Z', at - 30_123_456],
    ['2026-07-01', Date.UTC(2026, 6, 1) * 1e3],
    ['2024-02-29T23:59:60Z', Date.UTC(2024, 2, 1) * 1e3],
    ['1999-12-31T23:59:59.999999Z', Date.UTC(2000, 0, 1) * 1e3 - 1],
  ])('%s', (text, expected) => expect(parseEventTime(text)).toBe(expected));

  it('reads what Date writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(parseEventTime(date.toISOString())).toBe(date.getTime() * 1e3);
        },
      ),
    );
  });
});

it.each([
  'yesterday',
  '',
  '2026-13-01T00:00:00Z',
  '2026-02-29',
  '2026-07-01T24:00:00Z',
  '2026-07-01T10:60Z',
  '2026-07-01T10:20:61Z',
  '2026-07-01T10:20:30.Z',
  '2026-07-01T10:20:30.1234567890Z',
  '2026-07-01T10:20:30+2',
  '2026-07-01T10:20:30 CET',
  '2026/07/01',
  '0x10',
  true,
  [at],
  { seconds: 1 },
])('is no time: %j', (value) => expect(parseEventTime(value)).toMatchObject({ reason: 'clock-unset' }));

it('an infinite number is not a time', () => {
  expect(parseEventTime(Number.POSITIVE_INFINITY)).toMatchObject({ reason: 'not-finite' });
});
