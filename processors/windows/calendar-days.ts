import { Temporal } from 'temporal-polyfill';
import type { Alignment } from './alignment.ts';

const dayUs = 86_400_000_000;
/** Midnights remembered; at it they are forgotten and computed anew. */
const rememberedMax = 4_096;

/**
 * Windows of `days` local days that begin at the first moment of their first day: midnight, or where the clocks skip
 * it, what comes after. Counted from 1970-01-01 there.
 */
export function calendarDays(timezone: string, days: number): Alignment {
  /** Start of day n since 1970-01-01 local, us. */
  const starts = new Map<number, number>();
  const startOfDay = (day: number): number => {
    let startUs = starts.get(day);
    if (startUs !== undefined) return startUs;
    if (starts.size >= rememberedMax) starts.clear();
    const date = Temporal.PlainDate.from('1970-01-01').add({ days: day });
    startUs = date.toZonedDateTime(timezone).epochMilliseconds * 1e3;
    starts.set(day, startUs);
    return startUs;
  };
  const windowOf = (timeUs: number): number => {
    // No zone is more than a day away from UTC.
    let day = Math.floor(timeUs / dayUs) + 1;
    while (startOfDay(day) > timeUs) day--;
    return Math.floor(day / days);
  };
  const startOf = (timeUs: number) => startOfDay(windowOf(timeUs) * days);
  return {
    startOf,
    before: (startUs) => startOf(startUs - 1),
    endOf: (startUs) => startOfDay((windowOf(startUs) + 1) * days),
    disjoint: true,
  };
}
