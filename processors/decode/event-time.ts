import { parseIsoTime } from './iso-time.ts';
import { quote, refuse, type Refusal } from './refusal.ts';

/**
 * The event time in a payload, as integer microseconds since the UTC epoch, rounded to the nearest:
 *
 *     2026-07-01T10:20:30.123456+02:00     ISO 8601; without an offset it is UTC; a date alone is its midnight
 *     1782900000, 1782900000.25            epoch seconds       below 1e11
 *     1782900000250                        milliseconds        below 1e14
 *     1782900000250000                     microseconds        below 1e17
 *     1782900000250000000                  nanoseconds         from 1e17
 *
 * Numbers may come as text. Nanoseconds of today are beyond 2^53, where a double is exact to 256 ns (512 from
 * 2043): a time on a whole microsecond comes out exactly. Times before the year 2000 or in the future are the caller's to refuse.
 */
export function parseEventTime(value: unknown): number | Refusal {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value === 'string') {
    const timeUs = parseIsoTime(value);
    if (timeUs !== null) return timeUs;
    return epochText.test(value) ? fromEpoch(Number(value)) : unreadable(quote(value));
  }
  return unreadable(Array.isArray(value) ? 'an array' : `of type ${typeof value}`);
}

const epochText = /^[+-]?\d+(?:\.\d+)?$/;

function unreadable(what: string): Refusal {
  return refuse('clock-unset', `time is ${what}, neither ISO 8601 nor an epoch number`);
}

function fromEpoch(value: number): number | Refusal {
  if (!Number.isFinite(value)) return refuse('not-finite', 'time is not a finite number');
  if (value < 1e11) return Math.round(value * 1e6);
  if (value < 1e14) return Math.round(value * 1e3);
  if (value < 1e17) return Math.round(value);
  // A division of doubles would round a second time, and after 2043 to the wrong microsecond.
  return Number((BigInt(Math.round(value)) + 500n) / 1000n);
}
