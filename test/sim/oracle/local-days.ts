/** `[startUs, endUs)`: some local days as one window. */
interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

const dayMs = 86_400_000;

/** Spans found so far, by zone and number of days. */
const known = new Map<string, Span[]>();

/**
 * The span of `days` local days, counted from 1970-01-01 there, that holds a time. It asks a formatter which day it is at
 * a time, and looks for the first moment of a day by halving: nothing is computed from offsets or transitions.
 */
export function localSpan(timezone: string, days: number, timeUs: number): Span {
  const id = `${timezone} ${days}`;
  const spans = known.get(id) ?? [];
  known.set(id, spans);
  const found = spans.find(({ startUs, endUs }) => startUs <= timeUs && timeUs < endUs);
  if (found !== undefined) return found;
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601', {
    timeZone: timezone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  const dayAt = (ms: number) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.get('year')!, parts.get('month')! - 1, parts.get('day')) / dayMs;
  };
  /** The first moment, to the millisecond, at which it is this local day or a later one. */
  const startOfDay = (day: number) => {
    // No zone is two days away from UTC.
    let [before, at] = [(day - 2) * dayMs, (day + 2) * dayMs];
    while (at - before > 1) {
      const middle = Math.floor((before + at) / 2);
      if (dayAt(middle) >= day) at = middle;
      else before = middle;
    }
    return at * 1e3;
  };
  const first = Math.floor(dayAt(Math.floor(timeUs / 1e3)) / days) * days;
  const span = { startUs: startOfDay(first), endUs: startOfDay(first + days) };
  spans.push(span);
  return span;
}
