import type { HistoryAnswer } from '../../../../events/api.ts';
import type { WindowResult } from '../../../../events/window.ts';
import type { OpenStep, WindowColumns } from '../../chart/spec.ts';

/** The windows that a chart shows: of one field and name, and which of their numbers is the line. */
interface Shown {
  readonly field: string;
  readonly window: string | null;
  readonly aggregate: string;
}

/** Null: the window has no such number. */
function numberOf(result: WindowResult, aggregate: string): number | null {
  const value = result[aggregate as keyof WindowResult];
  return typeof value === 'number' ? value : null;
}

/** Closed windows: those of the history, and behind them those that closed since it was asked for. */
export function closedSteps(
  history: HistoryAnswer | null,
  closed: readonly WindowResult[],
  { field, window, aggregate }: Shown,
): WindowColumns | null {
  const knownUpToUs = history?.timesUs.at(-1) ?? -Infinity;
  const later = new Map<number, WindowResult>();
  for (const result of closed)
    if (result.window === window && result.field === field && result.startUs > knownUpToUs && result.varies !== true)
      later.set(result.startUs, result);
  const fresh = [...later.values()].toSorted((a, b) => a.startUs - b.startUs);
  const sizeUs = history?.stepUs ?? (fresh.length === 0 ? null : fresh[0]!.endUs - fresh[0]!.startUs);
  const starts = [...(history?.timesUs ?? []), ...fresh.map(({ startUs }) => startUs)];
  if (sizeUs === null || starts.length === 0) return null;
  return {
    starts: starts.map((startUs) => startUs / 1e6),
    size: sizeUs / 1e6,
    mean: [...(history?.values ?? []), ...fresh.map((result) => numberOf(result, aggregate))],
    min: [...(history?.min ?? []), ...fresh.map(({ min }) => min)],
    max: [...(history?.max ?? []), ...fresh.map(({ max }) => max)],
  };
}

/** The open windows up to now. What is closed is drawn as such. */
export function openSteps(
  partials: readonly WindowResult[],
  closed: WindowColumns | null,
  { field, window, aggregate }: Shown,
  nowMs: number,
): OpenStep[] {
  const closedUpToUs = (closed?.starts.at(-1) ?? -Infinity) * 1e6;
  return partials.flatMap((partial) => {
    const { startUs, endUs, min, max } = partial;
    if (partial.window !== window || partial.field !== field || startUs <= closedUpToUs) return [];
    const mean = numberOf(partial, aggregate);
    if (mean === null || min === null || max === null || startUs >= nowMs * 1000) return [];
    return [{ from: startUs / 1e6, to: Math.min(endUs / 1e6, nowMs / 1000), mean, min, max }];
  });
}
