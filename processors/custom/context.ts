import type { Severity } from '../../events/alert.ts';
import type { FieldValue, Reading } from '../../events/reading.ts';

/** A reading that a processor computed from another. */
export interface DerivedOutput {
  readonly kind: 'derived';
  readonly source: Reading;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** What a processor says about an alert of its own, named after the processor, on one field of one device. */
export interface AlertOutput {
  readonly kind: 'alert';
  readonly source: Reading;
  /** True begins the alert, false ends it; saying the same again changes nothing. */
  readonly firing: boolean;
  readonly field: string;
  readonly value: number;
  readonly threshold: number;
  /** Says in words what was judged: "dew point above 18". */
  readonly condition: string;
  readonly severity: Severity;
}

export type ProcessorOutput = DerivedOutput | AlertOutput;

/** What a processor is given besides the readings. */
export interface ProcessorContext {
  readonly name: string;
  readonly partition: number;
  /**
   * The processor's memory, saved with each checkpoint. Only what JSON can hold: objects, arrays, finite numbers,
   * text, booleans, null. What is kept in closures or in operators such as `scan` is lost at a restart.
   */
  readonly state: Record<string, unknown>;
  /** The log's clock, us. Use it instead of `Date.now()`, so that a replay gives what live gave. */
  readonly nowUs: number;
  /** A derived reading of the same device, time and tags. */
  derive(source: Reading, fields: DerivedOutput['fields']): DerivedOutput;
  /** An alert of the processor's own; severity is `warning` unless said. */
  alert(
    source: Reading,
    alert: Omit<AlertOutput, 'kind' | 'source' | 'severity'> & { severity?: Severity },
  ): AlertOutput;
}
