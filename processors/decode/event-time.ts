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
 * Numbers may come as text. Nanoseconds of today are beyond 2^53, where a double is exact to 256 ns: a time on a
 * whole microsecond comes out exactly. Times before the year 2000 or in the future are the caller's to refuse.
 */
export function parseEventTime(value: unknown): number | Refusal {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value === 'string') {
    if (/^[+-]?\d+(?:\.\d+)?$/.test(value)) return fromEpoch(Number(value));
    return fromIso(value) ?? unreadable(quote(value));
  }
  return unreadable(Array.isArray(value) ? 'an array' : `of type ${typeof value}`);
}

function unreadable(what: string): Refusal {
  return refuse('clock-unset', `time is ${what}, neither ISO 8601 nor an epoch number`);
}

function fromEpoch(value: number): number | Refusal {
  if (!Number.isFinite(value)) return refuse('not-finite', 'time is not a finite number');
  if (value < 1e11) return Math.round(value * 1e6);
  if (value < 1e14) return Math.round(value * 1e3);
  if (value < 1e17) return Math.round(value);
  return Math.round(value / 1e3);
}

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d{2}):?(\d{2})?)?)?$/;

function fromIso(text: string): number | null {
  const match = iso.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  const offset = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * (match[8] === '-' ? -1 : 1);
  // 60 is a leap second, which the epoch counts as the next one.
  if (hour > 23 || minute > 59 || second > 60) return null;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  // Date.UTC carries February 30 over into March.
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
  const seconds = midnight.getTime() / 1e3 + hour * 3600 + (minute - offset) * 60 + second;
  return seconds * 1e6 + Math.round(Number(`0.${match[7] ?? 0}`) * 1e6);
}
