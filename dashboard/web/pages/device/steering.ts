import { useMemo } from 'preact/hooks';
import type { Steering } from '../../chart/chart.tsx';
import { logNowMs } from '../../live/clock.ts';
import { place, setQuery } from '../../router/location.ts';
import { panned, rangeOf, rangeQuery, zoomed, type TimeRange } from '../../router/time-range.ts';

/** What a device page shows when its URL names no range. */
export const defaultSpanMs = 900_000;

/** Zoom and pan of all charts of the page: what they change is the URL. A zoom is a step of the history, a pan is none. */
export function useSteering(range: TimeRange): Steering {
  return useMemo(() => {
    const now = () => rangeOf(place.peek().query, defaultSpanMs);
    const show = (next: TimeRange, step: boolean) => setQuery(rangeQuery(next), step);
    return {
      onZoom: (from, to) => show({ live: false, fromMs: Math.round(from * 1000), toMs: Math.round(to * 1000) }, true),
      onReset: () => setQuery({ from: null, to: null }, true),
      onPan: (share) => show(panned(now(), share, logNowMs()), false),
      onScale: (factor) => show(zoomed(now(), factor), true),
    };
  }, [range.live]);
}
