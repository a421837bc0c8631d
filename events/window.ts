import type { Origin } from './record.ts';

/**
 * What every window holds of one field. All are floats; `stddev` is that of the population. All but `count` are null
 * when none of the values was a number.
 */
export interface WindowAggregates {
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly sum: number | null;
  readonly first: number | null;
  readonly last: number | null;
  readonly stddev: number | null;
}

export const windowAggregateNames = ['count', 'min', 'max', 'mean', 'sum', 'first', 'last', 'stddev'] as const;

/** Percentiles that can be asked for, and the share of the values at or below them. */
export const percentileShares = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
export type PercentileName = keyof typeof percentileShares;
export const percentileNames = Object.keys(percentileShares) as PercentileName[];

/** Numbers that a window computes only when its configuration asks for them. */
export const optionalAggregateNames = [...percentileNames, 'distinct', 'twa', 'increase', 'rate'] as const;
export type OptionalAggregateName = (typeof optionalAggregateNames)[number];

/** All that `aggregates` of a window may name. */
export const askedAggregateNames = [...optionalAggregateNames, 'duration'] as const;

/** What a window holds of one field because it was asked for; absent where the values allow none. */
export interface AskedAggregates extends Readonly<Partial<Record<OptionalAggregateName, number>>> {
  /** Seconds in each state, under the state as text. */
  readonly durations?: Readonly<Record<string, number>>;
}

export const windowKinds = ['tumbling', 'hopping', 'sliding', 'session', 'count'] as const;

/** A closed window, or with `partial` an open one so far. `[startUs, endUs)` in event time; see docs/windows.md. */
export interface WindowResult extends WindowAggregates, AskedAggregates {
  readonly window: string;
  /** Device key; of a fleet window its tags as `name=value`, joined by `,`, or `fleet` without any. */
  readonly key: string;
  /** Empty for a fleet window. */
  readonly device: string;
  readonly field: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly startUs: number;
  readonly endUs: number;
  /** How many results this window and field had before. */
  readonly revision: number;
  /** Set when messages of the log were missing that may have been for it: what it says is not all there was. */
  readonly incomplete?: true;
  /** Its length is its own, as of sessions and counts: two windows of this name differ in it. */
  readonly varies?: true;
  /** Of a count window: how many of this window and field closed before it. Two may begin at the same time. */
  readonly ordinal?: number;
  /** It is still open: never stored, never judged. */
  readonly partial?: true;
  /** The log message that closed or changed it. */
  readonly origin: Origin;
}
