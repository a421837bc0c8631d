import { Temporal } from 'temporal-polyfill';
import { parseEventTime } from './event-time.ts';
import { parseIsoTime } from './iso-time.ts';
import { quote, refuse, type Refusal } from './refusal.ts';

/** How a topic says that its payloads write times. */
export interface TimeNotation {
  /** Of numbers; absent: by magnitude. */
  readonly timeUnit?: 's' | 'ms' | 'us' | 'ns' | undefined;
  /** Of times without an offset; absent: UTC. */
  readonly timezone?: string | undefined;
}

/** Reads a time of a payload as us since the UTC epoch. */
export type TimeReader = (value: unknown) => number | Refusal;

/** A reader of times as a topic's payloads write them. */
export function timeReader({ timeUnit, timezone }: TimeNotation): TimeReader {
  const toUtc = timezone === undefined ? null : localTime(timezone);
  if (timeUnit === undefined && toUtc === null) return parseEventTime;
  return (value) => {
    if (toUtc !== null && typeof value === 'string' && !hasOffset.test(value)) {
      const localUs = parseIsoTime(value);
      if (localUs !== null) return toUtc(localUs);
    }
    const isNumber = typeof value === 'number' || (typeof value === 'string' && epochText.test(value));
    if (timeUnit === undefined || !isNumber) return parseEventTime(value);
    return inUnit(value, timeUnit);
  };
}

const hasOffset = /:\d\d(?:[.,]\d+)?\s*(?:z|[+-]\d\d(?::?\d\d)?)$/i;
const epochText = /^[+-]?\d+(?:\.\d+)?$/;

function inUnit(value: number | string, unit: 's' | 'ms' | 'us' | 'ns'): number | Refusal {
  if (unit === 'ns' && typeof value === 'string' && /^\d+$/.test(value)) return nanosecondsToUs(value);
  const timeUs = Math.round(Number(value) * { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 }[unit]);
  if (Number.isSafeInteger(timeUs)) return timeUs;
  return refuse('clock-unset', `time ${quote(String(value))} is no number of ${unit} that can be a time`);
}

/** Nanoseconds in digits exceed what a double holds: the last three are cut off, rounded. Expects digits only. */
export function nanosecondsToUs(digits: string): number {
  const whole = digits.length > 3 ? Number(digits.slice(0, -3)) : 0;
  return whole + (Number(digits.slice(-3)) >= 500 ? 1 : 0);
}

/** Offsets change at whole quarters of an hour, in every zone of the present century. */
const quarterUs = 900_000_000;
/** Quarters remembered; at it they are forgotten and computed anew. */
const rememberedMax = 4_096;

/**
 * From a local time, written as if it were UTC, to UTC. What the clocks show twice is the first of the two, what they
 * skip is as long after the skip.
 */
function localTime(timezone: string): (localUs: number) => number {
  const offsets = new Map<number, number>();
  return (localUs) => {
    const quarter = Math.floor(localUs / quarterUs);
    let offsetUs = offsets.get(quarter);
    if (offsetUs === undefined) {
      if (offsets.size >= rememberedMax) offsets.clear();
      const local = Temporal.Instant.fromEpochMilliseconds((quarter * quarterUs) / 1e3).toZonedDateTimeISO('UTC');
      const utcMs = local.toPlainDateTime().toZonedDateTime(timezone).epochMilliseconds;
      offsetUs = quarter * quarterUs - utcMs * 1e3;
      offsets.set(quarter, offsetUs);
    }
    return localUs - offsetUs;
  };
}
