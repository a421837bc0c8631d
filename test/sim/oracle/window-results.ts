import type { Origin } from '../../../events/record.ts';
import type { WindowAggregates } from '../../../events/window.ts';
import type { WindowConfig } from '../../../infra/config/schema.ts';
import { aggregatesOf } from './aggregates.ts';
import type { Moment } from './log-time.ts';
import type { Fate } from './readings.ts';

/** A window's result as the specification gives it, without what only describes the device. */
export interface ExpectedWindow extends WindowAggregates {
  readonly window: string;
  readonly key: string;
  readonly field: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly revision: number;
  /** A gap in the log may have taken readings of it. */
  readonly incomplete: true | undefined;
  readonly origin: Pick<Origin, 'sequence' | 'index'>;
}

interface Closing {
  readonly window: WindowConfig;
  readonly within: readonly Fate[];
  readonly startUs: number;
  readonly endUs: number;
  readonly revision: number;
  readonly at: Moment;
  /** Of the record that closed it; -1: time did. */
  readonly index: number;
  /** Those at or before `at` at which messages were missing. */
  readonly gaps: readonly Moment[];
}

/** One result for each field with values in it. */
export function resultsIn({ window, within, startUs, endUs, revision, at, index, gaps }: Closing): ExpectedWindow[] {
  const openSince = Math.min(...within.map((fate) => fate.at.sequence));
  const isHit = gaps.some(
    ({ sequence, gap }) => sequence > openSince || (startUs <= gap!.untilUs && endUs > gap!.sinceUs),
  );
  const incomplete = isHit || undefined;
  const names = new Set(within.flatMap(({ fields }) => Object.keys(fields)));
  return [...names].flatMap((field) => {
    if (!window.fields.includes('*') && !window.fields.includes(field)) return [];
    const values = within
      .filter(({ fields }) => Object.hasOwn(fields, field))
      .map(({ fields, timeUs }) => ({ value: fields[field]!, timeUs }));
    const aggregates = aggregatesOf(values);
    if (aggregates === null) return [];
    const { key } = within[0]!;
    const origin = { sequence: at.sequence, index };
    return [{ window: window.name, key: key!, field, startUs, endUs, revision, incomplete, origin, ...aggregates }];
  });
}
