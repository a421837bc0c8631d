import { suggestion } from './nearest-name.ts';

const minuteMs = 60_000;

/** What is wrong with the name of a time zone; '' when it is one. */
export function timeZoneProblem(timezone: string): string {
  if (/^[+-]/.test(timezone)) return `must be a name such as Europe/Berlin, is "${timezone}"`;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).format(0) === '' ? 'is no time zone' : '';
  } catch {
    return `is no known time zone: "${timezone}"${suggestion(timezone, Intl.supportedValuesOf('timeZone'))}`;
  }
}

/**
 * Whether local midnights of the years 2000 to 2049 fall between windows of `sizeMs` that are aligned to UTC: then
 * days there cannot be folded from them.
 */
export function splitsWindows(timezone: string, sizeMs: number): boolean {
  for (let year = 2000; year < 2050; year++) {
    for (const month of [0, 6]) {
      if ((offsetMinutes(timezone, Date.UTC(year, month, 1)) * minuteMs) % sizeMs !== 0) return true;
    }
  }
  return false;
}

/** How far local time is ahead of UTC. */
function offsetMinutes(timezone: string, atMs: number): number {
  const format = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' });
  const text = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')!.value;
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text)!;
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
