import type { FieldValue } from './reading.ts';
import type { QuarantineReason } from './quarantine.ts';
import type { Origin, QuarantinedBy } from './record.ts';

/** Quarantined readings of one request; more is another request. */
export const redrivePerRequestMax = 500;

/** What is wanted of the log again. */
export interface RedriveTarget {
  /** Of the item in quarantine. */
  readonly origin: Origin;
  /** The item is one reading of several in its publish. */
  readonly several: boolean;
  readonly by: QuarantinedBy;
}

/** Request on `commands.redrive`, JSON: at most `redrivePerRequestMax`. They are appended in this order. */
export interface RedriveRequest {
  readonly targets: readonly RedriveTarget[];
}

/** What became of each target, in their order. `gone`: the log no longer holds the record. */
export interface RedriveAnswer {
  readonly results: readonly ('appended' | 'gone')[];
}

/** Request on `query.decode`, JSON: publishes as the log holds them. */
export interface DecodeQuery {
  /** Stands for the log's clock, which tells what is ahead of it. */
  readonly nowUs: number;
  readonly publishes: readonly {
    readonly topic: string;
    /** Base64. */
    readonly payload: string;
    readonly receivedAtUs: number;
    /** The one reading of several that is meant; null: all. */
    readonly part: number | null;
  }[];
}

/** A reading that a publish would be now. */
export interface WouldBeReading {
  readonly key: string;
  readonly timeUs: number;
  readonly ownTime: boolean;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** One reading, or why it would be none. */
export type DecodeVerdict =
  | { readonly kind: 'reading'; readonly reading: WouldBeReading }
  | { readonly kind: 'refused'; readonly reason: QuarantineReason; readonly detail: string }
  | { readonly kind: 'filtered'; /** Null: its topic is of format drop. */ readonly transform: string | null }
  /** The same reading as another one asked about. */
  | { readonly kind: 'repeat' };

/** What the configuration in force makes of each publish, in their order; of one at most `verdictsMax` readings. */
export interface DecodeAnswer {
  readonly version: number;
  readonly publishes: readonly (readonly DecodeVerdict[])[];
}

/** Readings shown of one publish. */
export const verdictsMax = 20;
