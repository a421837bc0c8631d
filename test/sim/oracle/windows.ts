import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import { livesOf } from './lives.ts';
import type { Moment } from './log-time.ts';
import type { Fate, Fates } from './readings.ts';
import { tumblingOf } from './time-windows.ts';
import type { ExpectedWindow } from './window-results.ts';

export interface ExpectedWindows {
  /** In the order in which they are written. */
  readonly results: readonly ExpectedWindow[];
  /** Readings that were late for a window. */
  readonly late: ReadonlySet<Fate>;
}

/** All results of all windows, in order of message, end, window, device and field. */
export function windowsOf(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  { fates, forgettings }: Fates,
): ExpectedWindows {
  const gaps = moments.filter(({ gap }) => gap !== null);
  const readings = fates.filter(({ kind }) => kind === 'reading');
  const keys = new Set(readings.map(({ key }) => key));
  const outcomes = livesOf(moments, configs, ({ windows }) => windows).flatMap((life) =>
    [...keys].map((key) =>
      tumblingOf(life, {
        readings: readings.filter((fate) => fate.key === key && life.moments.includes(fate.at)),
        forgotten: forgettings.filter((forgetting) => forgetting.key === key).map(({ at }) => at),
        gaps,
      }),
    ),
  );
  const results = outcomes.flatMap(({ expected }) => expected).toSorted(inOrder);
  return { results, late: new Set(outcomes.flatMap(({ late }) => late)) };
}

function inOrder(a: ExpectedWindow, b: ExpectedWindow): number {
  return (
    a.origin.sequence - b.origin.sequence ||
    a.endUs - b.endUs ||
    order(a.window, b.window) ||
    order(a.key, b.key) ||
    order(a.field, b.field)
  );
}

export function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
