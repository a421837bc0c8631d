import type { Origin } from '../../../events/record.ts';
import type { AskedAggregates, WindowAggregates } from '../../../events/window.ts';
import { aggregatesOf, askedOf } from './aggregates.ts';
import type { Moment } from './log-time.ts';
import type { Fate } from './readings.ts';
import type { Story } from './story.ts';

/** A window's result as the specification gives it, without what only describes the device. */
export interface ExpectedWindow extends WindowAggregates, AskedAggregates {
  readonly window: string;
  readonly key: string;
  readonly field: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly revision: number;
  /** It was open at a gap in the log, or its time touches that of one. */
  readonly incomplete: true | undefined;
  readonly origin: Pick<Origin, 'sequence' | 'index'>;
}

export interface Told {
  readonly startUs: number;
  readonly endUs: number;
  /** All readings in it, with what it took of them. */
  readonly within: readonly Fate[];
  /** The same, those of each short window by themselves. */
  readonly runs?: readonly (readonly Fate[])[];
  /** The fields that there is something new of; absent: all. */
  readonly names?: ReadonlySet<string>;
  readonly at: Moment;
  /** Of the record that closed it; -1: time did, or late readings of the whole message. */
  readonly index: number;
  /** How many results a field's window had before. */
  readonly revisionOf: (field: string) => number;
  /** It was open when messages were missing. */
  readonly isHit: boolean;
}

/** One result for each field with values in it. */
export function resultsIn({ window, key, gapsAt }: Story, told: Told): ExpectedWindow[] {
  const { startUs, endUs, within, runs = [within], names, at, index, revisionOf, isHit } = told;
  const incomplete = isHit || touchesGap(gapsAt(at), at, startUs, endUs);
  const all = new Set(within.flatMap(({ fields }) => Object.keys(fields)));
  return [...all].flatMap((field) => {
    if (names?.has(field) === false) return [];
    const valuesIn = (readings: readonly Fate[]) =>
      readings
        .filter(({ fields }) => Object.hasOwn(fields, field))
        .map(({ fields, timeUs }) => ({ value: fields[field]!, timeUs }));
    const values = valuesIn(within);
    return [
      {
        window: window.name,
        key,
        field,
        startUs,
        endUs,
        revision: revisionOf(field),
        incomplete: incomplete || undefined,
        origin: { sequence: at.sequence, index },
        ...aggregatesOf(values),
        ...askedOf(values, runs.map(valuesIn), window.aggregates),
      },
    ];
  });
}

export function touchesGap(gaps: readonly Moment[], at: Moment, startUs: number, endUs: number): boolean {
  return gaps.some(({ sequence, gap }) => sequence <= at.sequence && startUs <= gap!.untilUs && endUs > gap!.sinceUs);
}
