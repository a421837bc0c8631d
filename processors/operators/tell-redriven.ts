import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { RedriveOutcome } from '../../events/quarantine.ts';
import { publishIn, type Origin, type Redriven } from '../../events/record.ts';
import type { Step } from '../step.ts';

type Counts = { -readonly [K in keyof RedriveOutcome]: RedriveOutcome[K] };

/** Says of each redriven record what the intake made of it. */
export function tellRedriven(): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    if (step.hasRedriven) step.redriven = outcomesOf(step);
    return step;
  });
}

function outcomesOf(step: Step): RedriveOutcome[] {
  const { partition, sequence, nowUs, records } = step;
  const passedOn = new Set(step.passedOn.map(({ record }) => record.from!.index));
  const byIndex = new Map<number, Counts>();
  for (const [index, record] of records.entries()) {
    const redriven = publishIn(record)?.redriven;
    // What becomes of one that is passed on is said where it goes.
    if (redriven === undefined || passedOn.has(index)) continue;
    byIndex.set(index, { ...none(redriven), origin: { partition, sequence, index }, atUs: nowUs });
  }
  const countsOf = ({ origin }: { readonly origin: Origin }) => byIndex.get(origin.index);
  const count = (list: readonly { readonly origin: Origin }[], what: 'readings' | 'duplicate' | 'filtered') => {
    for (const one of list) {
      const counts = countsOf(one);
      if (counts !== undefined) counts[what]++;
    }
  };
  count(step.readings, 'readings');
  count(step.duplicates, 'duplicate');
  count(step.filtered, 'filtered');
  for (const one of step.quarantined) {
    const counts = countsOf(one);
    if (counts === undefined) continue;
    counts.quarantined++;
    counts.reason ??= one.reason;
  }
  return [...byIndex.values()];
}

function none(of: Redriven): Omit<Counts, 'origin' | 'atUs'> {
  return { of, readings: 0, duplicate: 0, filtered: 0, quarantined: 0, reason: null };
}
