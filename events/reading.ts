import type { Origin } from './record.ts';

/** A field's value. Numbers are finite. */
export type FieldValue = number | boolean | string;

/** The canonical event: what one device measured at one moment. */
export interface Reading {
  /** Device key: route values joined by `/`, each percent-encoded (`plant1/press-7`). State, ids and ledger use it. */
  readonly key: string;
  /** The bare device name (`press-7`), for people and as the InfluxDB tag `device`. */
  readonly device: string;
  /** Event time, integer microseconds since the UTC epoch. */
  readonly timeUs: number;
  /** The time came with the payload. If not, it was given from the log's clock. */
  readonly ownTime: boolean;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly receivedAtUs: number;
  readonly origin: Origin;
}

/** A reading computed by a custom processor; it has no place of its own in the log. */
export interface DerivedReading {
  readonly processor: string;
  readonly key: string;
  readonly device: string;
  readonly timeUs: number;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly origin: Origin;
}
