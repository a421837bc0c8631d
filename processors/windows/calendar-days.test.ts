import { describe, expect, it } from 'vitest';
import { calendarDays } from './calendar-days.ts';

const hourUs = 3_600_000_000;
const us = (iso: string) => Date.parse(iso) * 1e3;

describe('a local day', () => {
  it.each<[zone: string, time: string, start: string, hours: number]>([
    ['UTC', '2026-03-29T12:00:00Z', '2026-03-29T00:00:00Z', 24],
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-27T23:00:00Z', 24],
    ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', 23],
    ['Europe/Berlin', '2026-03-30T12:00:00Z', '2026-03-29T22:00:00Z', 24],
    ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', 25],
    ['Europe/Berlin', '2026-10-25T22:59:59.999Z', '2026-10-24T22:00:00Z', 25],
    ['Europe/Berlin', '2026-10-25T23:00:00Z', '2026-10-25T23:00:00Z', 24],
    // Clocks went from 00:00 to 01:00: the day begins at 01:00, an hour after the last one ended at midnight.
    ['America/Sao_Paulo', '2018-11-04T12:00:00Z', '2018-11-04T03:00:00Z', 23],
    ['America/Sao_Paulo', '2018-02-17T12:00:00Z', '2018-02-17T02:00:00Z', 25],
    // Half an hour of daylight saving.
    ['Australia/Lord_Howe', '2026-04-04T18:00:00Z', '2026-04-04T13:00:00Z', 24.5],
    ['Australia/Lord_Howe', '2026-10-03T18:00:00Z', '2026-10-03T13:30:00Z', 23.5],
    ['Asia/Kolkata', '2026-06-01T00:00:00Z', '2026-05-31T18:30:00Z', 24],
    // The day that Samoa left out, when it crossed the date line: 2011-12-30.
    ['Pacific/Apia', '2011-12-30T11:00:00Z', '2011-12-30T10:00:00Z', 24],
  ])('%s, %s', (zone, time, start, hours) => {
    const { startOf, endOf } = calendarDays(zone, 1);
    const startUs = startOf(us(time));
    expect(new Date(startUs / 1e3).toISOString()).toBe(new Date(start).toISOString());
    expect((endOf(startUs) - startUs) / hourUs).toBe(hours);
  });

  it.each(['Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca'])(
    'days of %s follow each other without a gap over 20 years',
    (zone) => {
      const { startOf, endOf, before } = calendarDays(zone, 1);
      let startUs = startOf(us('2009-12-31T12:00:00Z'));
      while (startUs < us('2030-01-01T00:00:00Z')) {
        const endUs = endOf(startUs);
        expect(endUs).toBeGreaterThan(startUs);
        expect([startOf(startUs), startOf(endUs - 1), startOf(endUs), before(endUs)]).toEqual([
          startUs,
          startUs,
          endUs,
          startUs,
        ]);
        startUs = endUs;
      }
    },
  );

  it('several days are counted from 1970-01-01', () => {
    const { startOf, endOf } = calendarDays('Europe/Berlin', 7);
    const startUs = startOf(us('2026-03-29T12:00:00Z'));
    expect(new Date(startUs / 1e3).toISOString()).toBe('2026-03-25T23:00:00.000Z');
    expect((endOf(startUs) - startUs) / hourUs).toBe(7 * 24 - 1);
  });
});
