import type { WindowConfig } from '../../../infra/config/schema.ts';
import { aggregatesOf } from './aggregates.ts';
import type { Life } from './lives.ts';
import type { Moment } from './log-time.ts';
import type { Fate } from './readings.ts';
import { resultsIn, type ExpectedWindow } from './window-results.ts';

/**
 * Windows [start, end) by event time of one device (docs/windows.md): open until the watermark passes the end, or the
 * device was silent for `idle`; a reading whose window has closed is late and changes nothing.
 */
export function tumblingOf(
  { part: window, moments }: Life<WindowConfig>,
  { readings, forgotten, gaps }: Story,
): Outcome {
  const sizeUs = window.size * 1e3;
  const expected: ExpectedWindow[] = [];
  const late: Fate[] = [];
  const readingsAt = Map.groupBy(readings, ({ at }) => at);
  let taken: Fate[] = [];
  let seenUs = 0;
  let greatestUs = 0;
  let closedUpToUs = 0;

  const startOf = ({ timeUs }: Fate) => Math.floor(timeUs / sizeUs) * sizeUs;
  const closeUpTo = (upToUs: number, at: Moment, index: number) => {
    if (upToUs <= closedUpToUs) return;
    closedUpToUs = upToUs;
    const closing = taken.filter((reading) => startOf(reading) + sizeUs <= upToUs);
    taken = taken.filter((reading) => !closing.includes(reading));
    for (const startUs of new Set(closing.map(startOf))) {
      const within = closing.filter((reading) => startOf(reading) === startUs);
      expected.push(
        ...resultsIn({
          window,
          within,
          startUs,
          endUs: startUs + sizeUs,
          revision: 0,
          at,
          index,
          gaps: gapsAt(gaps, at),
        }),
      );
    }
  };

  for (const at of moments) {
    const silentUs = at.elapsedUs - seenUs;
    const isForgotten = forgotten.includes(at);
    if (taken.length > 0 && (isForgotten || silentUs >= window.idle * 1e3))
      closeUpTo(Math.max(...taken.map(startOf)) + sizeUs, at, -1);
    if (isForgotten) [seenUs, greatestUs, closedUpToUs] = [0, 0, 0];
    for (const reading of readingsAt.get(at) ?? []) {
      seenUs = at.elapsedUs;
      const counts = Object.entries(reading.fields).some(
        ([name, value]) => wants(window, name) && aggregatesOf([{ value, timeUs: 0 }]) !== null,
      );
      const isLate = startOf(reading) + sizeUs <= closedUpToUs;
      if (counts && isLate) late.push(reading);
      else if (counts) taken.push(reading);
      if (reading.timeUs <= greatestUs) continue;
      greatestUs = reading.timeUs;
      const watermarkUs = greatestUs - window.lateness * 1e3;
      closeUpTo(Math.floor(watermarkUs / sizeUs) * sizeUs, at, reading.index);
    }
  }
  return { expected, late };
}

/** What happened to one device. */
export interface Story {
  readonly readings: readonly Fate[];
  /** Moments at which it was forgotten. */
  readonly forgotten: readonly Moment[];
  /** Moments at which messages were missing, of the whole partition. */
  readonly gaps: readonly Moment[];
}

function gapsAt(gaps: readonly Moment[], { sequence }: Moment): Moment[] {
  return gaps.filter((gap) => gap.sequence <= sequence);
}

export interface Outcome {
  readonly expected: readonly ExpectedWindow[];
  readonly late: readonly Fate[];
}

export function wants({ fields }: WindowConfig, name: string): boolean {
  return fields.includes('*') || fields.includes(name);
}
