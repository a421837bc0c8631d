import { signal } from '@preact/signals';

/** The viewer's own zone, e.g. "Europe/Berlin". */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const storageKey = 'millrace.zone';

/** The zone all times on the page are in. */
export const zone = signal(storedZone());

function storedZone(): string {
  return globalThis.localStorage?.getItem(storageKey) === 'UTC' ? 'UTC' : ownZone;
}

/** Own zone to UTC and back; kept for the next visit. */
export function switchZone(): void {
  zone.value = zone.value === 'UTC' && ownZone !== 'UTC' ? ownZone : 'UTC';
  localStorage.setItem(storageKey, zone.value === 'UTC' ? 'UTC' : 'own');
}

type Kind = 'minute' | 'second' | 'day' | 'full' | 'offset';

const options: Record<Kind, Intl.DateTimeFormatOptions> = {
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  full: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  offset: { timeZoneName: 'shortOffset' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(kind: Kind, timeZone: string): Intl.DateTimeFormat {
  const key = `${kind} ${timeZone}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-GB', { ...options[kind], timeZone });
    formats.set(key, found);
  }
  return found;
}

/** "10:38:50" */
export function clock(ms: number, timeZone = zone.value): string {
  return formatter('second', timeZone).format(ms);
}

/** "10:38" */
export function clockMinute(ms: number, timeZone = zone.value): string {
  return formatter('minute', timeZone).format(ms);
}

/** "23 Nov" */
export function day(ms: number, timeZone = zone.value): string {
  return formatter('day', timeZone).format(ms);
}

/** The clock alone on the day of `nowMs`, else with its day before it: "22 Nov, 10:38:50". */
export function moment(ms: number, nowMs: number, timeZone = zone.value): string {
  if (day(ms, timeZone) === day(nowMs, timeZone)) return clock(ms, timeZone);
  return formatter('full', timeZone).format(ms);
}

/** ISO 8601 with the offset of the zone, for copies and tooltips: "2026-11-23T10:38:50.120+01:00". */
export function iso(ms: number, timeZone = zone.value): string {
  const offset = offsetMinutes(ms, timeZone);
  const shifted = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
  if (offset === 0) return `${shifted}Z`;
  const size = Math.abs(offset);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${shifted}${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** "Europe/Berlin, UTC+1" */
export function zoneName(ms: number, timeZone = zone.value): string {
  if (timeZone === 'UTC') return 'UTC';
  const offset = offsetMinutes(ms, timeZone);
  if (offset === 0) return `${timeZone}, UTC`;
  const minutes = Math.abs(offset) % 60;
  const hours = Math.floor(Math.abs(offset) / 60);
  return `${timeZone}, UTC${offset < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`}`;
}

function offsetMinutes(ms: number, timeZone: string): number {
  const part = formatter('offset', timeZone)
    .formatToParts(ms)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const match = /GMT([+-])(\d+)(?::(\d+))?/.exec(part ?? '');
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

/** Midnight of the day of `ms` in the zone, ms. */
export function startOfDay(ms: number, timeZone = zone.value): number {
  const offset = offsetMinutes(ms, timeZone) * 60_000;
  const midnight = Math.floor((ms + offset) / 86_400_000) * 86_400_000 - offset;
  // The offset may have been another one at midnight (a day on which clocks change).
  return midnight + offset - offsetMinutes(midnight, timeZone) * 60_000;
}
