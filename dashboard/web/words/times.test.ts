import { describe, expect, it } from 'vitest';
import { clock, clockMinute, iso, moment, startOfDay, zoneName } from './times.ts';

const at = Date.UTC(2026, 10, 23, 9, 38, 50, 120);

describe('times in a zone', () => {
  it.each([
    ['Europe/Berlin', '10:38:50', '2026-11-23T10:38:50.120+01:00', 'Europe/Berlin, UTC+1'],
    ['UTC', '09:38:50', '2026-11-23T09:38:50.120Z', 'UTC'],
    ['Asia/Kolkata', '15:08:50', '2026-11-23T15:08:50.120+05:30', 'Asia/Kolkata, UTC+5:30'],
    ['America/New_York', '04:38:50', '2026-11-23T04:38:50.120-05:00', 'America/New_York, UTC-5'],
  ])('%s', (zone, time, written, name) => {
    expect(clock(at, zone)).toBe(time);
    expect(clockMinute(at, zone)).toBe(time.slice(0, 5));
    expect(iso(at, zone)).toBe(written);
    expect(zoneName(at, zone)).toBe(name);
    expect(Date.parse(iso(at, zone))).toBe(at);
  });
});

describe('moment', () => {
  it('is the clock alone on the same day', () => expect(moment(at, at + 3_600_000, 'UTC')).toBe('09:38:50'));
  it('names another day', () => expect(moment(at, at + 86_400_000, 'UTC')).toBe('23 Nov, 09:38:50'));
});

describe('startOfDay', () => {
  it.each([
    ['Europe/Berlin', at, '2026-11-23T00:00:00.000+01:00'],
    // Clocks went back at 03:00 that day: midnight was still at UTC+2.
    ['Europe/Berlin', Date.UTC(2026, 9, 25, 12), '2026-10-25T00:00:00.000+02:00'],
    ['UTC', at, '2026-11-23T00:00:00.000Z'],
  ])('in %s', (zone, ms, midnight) => expect(iso(startOfDay(ms, zone), zone)).toBe(midnight));
});
