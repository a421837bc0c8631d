/** The stretch of time a page shows: the last so many ms, following the clock, or a fixed one. */
export type TimeRange =
  | { readonly live: true; readonly spanMs: number }
  | { readonly live: false; readonly fromMs: number; readonly toMs: number };

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const shortestMs = 1_000;

/** Reads `from=-1h` (live) or `from=<ISO>&to=<ISO>`; anything else is the live `fallbackMs`. */
export function rangeOf(query: URLSearchParams, fallbackMs: number): TimeRange {
  const from = query.get('from') ?? '';
  const relative = /^-(\d{1,6})([smhd])$/.exec(from);
  if (relative !== null) {
    const spanMs = Number(relative[1]) * units[relative[2]!]!;
    return { live: true, spanMs: Math.max(shortestMs, spanMs) };
  }
  const fromMs = Date.parse(from);
  const toMs = Date.parse(query.get('to') ?? '');
  if (Number.isNaN(fromMs) || Number.isNaN(toMs) || toMs - fromMs < shortestMs)
    return { live: true, spanMs: fallbackMs };
  return { live: false, fromMs, toMs };
}

/** The query that `rangeOf` reads back. */
export function rangeQuery(range: TimeRange): { readonly from: string; readonly to: string | null } {
  if (!range.live) return { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() };
  const unit = (['d', 'h', 'm'] as const).find((name) => range.spanMs % (units[name] ?? 1) === 0) ?? 's';
  return { from: `-${Math.round(range.spanMs / units[unit]!)}${unit}`, to: null };
}

/** Where it begins and ends when the clock stands at `nowMs`. */
export function bounds(range: TimeRange, nowMs: number): readonly [fromMs: number, toMs: number] {
  return range.live ? [nowMs - range.spanMs, nowMs] : [range.fromMs, range.toMs];
}

/** Moved by `share` of its length; a fixed range, as it leaves the live end. */
export function panned(range: TimeRange, share: number, nowMs: number): TimeRange {
  const [fromMs, toMs] = bounds(range, nowMs);
  const byMs = (toMs - fromMs) * share;
  return { live: false, fromMs: Math.round(fromMs + byMs), toMs: Math.round(toMs + byMs) };
}

/** Zoomed about its middle, or about its end while it is live: it stays live then. */
export function zoomed(range: TimeRange, factor: number): TimeRange {
  if (range.live) return { live: true, spanMs: clampSpan(range.spanMs * factor) };
  const middle = (range.fromMs + range.toMs) / 2;
  const half = clampSpan((range.toMs - range.fromMs) * factor) / 2;
  return { live: false, fromMs: Math.round(middle - half), toMs: Math.round(middle + half) };
}

function clampSpan(ms: number): number {
  return Math.round(Math.min(Math.max(ms, 10_000), 400 * units['d']!) / 1000) * 1000;
}
