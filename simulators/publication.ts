import type { FaultName } from './faults/fault-names.ts';

/** Something a simulated device is going to publish. */
export interface Publication {
  readonly device: number;
  readonly topic: string;
  /** Route key of the topic, to recognise the reading by: `plant1/press-7`. */
  readonly key: string;
  readonly fields: Readonly<Record<string, number>>;
  /** The time within the payload, us. */
  readonly timeUs: number;
  /** When it is sent, ms after the start. */
  readonly dueMs: number;
  /** Bytes to send in place of fields and time. */
  readonly payload?: string;
  /** What was done to it. */
  readonly faults: readonly FaultName[];
}

/** The payload as it goes out: `{"temperature":91.5,"time":1763892000000000}`. */
export function payloadOf({ payload, fields, timeUs }: Publication): string {
  return payload ?? JSON.stringify({ ...fields, time: timeUs });
}
