import { useEffect, useMemo } from 'preact/hooks';
import { logNowMs } from '../../live/clock.ts';
import { listenTo, onFrame, onReturn } from '../../live/feed.ts';
import { bounds, type TimeRange } from '../../router/time-range.ts';
import { FieldTraces } from './field-traces.ts';

/** Listens to the device first, then loads; loads anew every so often, and when the connection returns. */
export function useTraces(key: string, fields: readonly string[], range: TimeRange, window: string | null) {
  const traces = useMemo(() => new FieldTraces(), []);
  const asked = { key, fields, range, window };
  const latest = useMemo(() => ({ asked }), []);
  latest.asked = asked;
  const reload = useMemo(
    () => () => {
      const { asked: now } = latest;
      const [fromMs, toMs] = bounds(now.range, logNowMs());
      const points = Math.min(
        5_000,
        Math.max(200, window === null ? Math.round(document.documentElement.clientWidth * 0.7) : 1_000),
      );
      return traces.load({ key: now.key, fields: now.fields, fromMs, toMs, points, window: now.window });
    },
    [],
  );
  const spanMs = range.live ? range.spanMs : range.toMs - range.fromMs;
  const fixed = range.live ? `live ${range.spanMs}` : `${range.fromMs} ${range.toMs}`;
  useEffect(() => {
    const listening = listenTo();
    listening.change([key]);
    const ends = [
      onFrame((frame) => {
        if (frame.type === 'readings') for (const item of frame.items) traces.take(item);
      }),
      onReturn(reload),
    ];
    return () => {
      listening.end();
      for (const end of ends) end();
    };
  }, [key]);
  useEffect(() => {
    void reload();
    if (!range.live) return;
    const everyMs = Math.min(300_000, Math.max(10_000, spanMs / 240));
    const timer = setInterval(() => !document.hidden && void reload(), everyMs);
    return () => clearInterval(timer);
  }, [key, fixed, window, fields.toSorted().join('\n')]);
  useEffect(() => () => traces.end(), []);
  return { traces, reload };
}
