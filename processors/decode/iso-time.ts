/**
 * ISO 8601 as integer microseconds since the UTC epoch; null when the text is something else. Read character by
 * character: a third of what decoding cost was the regular expression and the Date that stood here before.
 *
 *     date [T time [.fraction] [offset]]     2026-07-01T10:20:30.123456+02:00
 *
 * The seconds may be absent, the separator may be a space, the fraction is rounded to microseconds. Without an
 * offset the time is UTC; a date alone is its midnight.
 */
export function parseIsoTime(text: string): number | null {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (text[4] !== '-' || text[7] !== '-') return null;
  const midnight = daysSinceEpoch(year, month, day) * 86_400;
  if (text.length === 10) return midnight * 1e6;

  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (!'Tt '.includes(text[10]!) || hour < 0 || hour > 23 || text[13] !== ':' || minute < 0 || minute > 59) return null;
  let end = 16;
  let second = 0;
  let fractionUs = 0;
  if (text[end] === ':') {
    second = digits(text, 17, 2);
    // 60 is a leap second, which the epoch counts as the next one.
    if (second < 0 || second > 60) return null;
    end = 19;
    if (text[end] === '.' || text[end] === ',') {
      const start = end + 1;
      for (end = start; isDigit(text.charCodeAt(end)); end++);
      if (end === start || end - start > fractionDigitsMax) return null;
      fractionUs = Math.round(digits(text, start, end - start) * 10 ** (6 - (end - start)));
    }
  }
  const offsetMinutes = parseOffset(text, end);
  if (offsetMinutes === null) return null;
  return (midnight + hour * 3600 + (minute - offsetMinutes) * 60 + second) * 1e6 + fractionUs;
}

/** Down to nanoseconds. */
const fractionDigitsMax = 9;

/** Minutes east of UTC; null when what is left of the text is no offset. */
function parseOffset(text: string, at: number): number | null {
  const left = text.length - at;
  if (left === 0) return 0;
  const sign = text[at]!;
  if (left === 1) return sign === 'Z' || sign === 'z' ? 0 : null;
  if (sign !== '+' && sign !== '-') return null;
  const hours = digits(text, at + 1, 2);
  // +02, +0230, +02:30
  const minutes = left === 3 ? 0 : digits(text, text.length - 2, 2);
  const wellFormed = left === 3 || left === 5 || (left === 6 && text[at + 3] === ':');
  if (!wellFormed || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return null;
  return (hours * 60 + minutes) * (sign === '-' ? -1 : 1);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The number that `count` digits make; -1 when one of them is none. */
function digits(text: string, start: number, count: number): number {
  let number = 0;
  for (let i = start; i < start + count; i++) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) return -1;
    number = number * 10 + code - 48;
  }
  return number;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : monthDays[month - 1]!;
}

/** Days from 1970-01-01 in the Gregorian calendar (Howard Hinnant, days_from_civil), for years from 0. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
