import type { Origin } from './record.ts';

/** What a window holds of one field of one device. All are floats. `stddev` is that of the population. */
export interface WindowAggregates {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly sum: number;
  readonly first: number;
  readonly last: number;
  readonly stddev: number;
}

export const windowAggregateNames = ['count', 'min', 'max', 'mean', 'sum', 'first', 'last', 'stddev'] as const;

/** A closed window. `[startUs, endUs)` in event time, aligned to the UTC epoch. */
export interface WindowResult extends WindowAggregates {
  readonly window: string;
  readonly key: string;
  readonly device: string;
  readonly field: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly startUs: number;
  readonly endUs: number;
  readonly revision: number;
  /** Set when messages of the log were missing that may have been for it: what it says is not all there was. */
  readonly incomplete?: true;
  /** The log message that closed it. */
  readonly origin: Origin;
}
