import type { Origin, Redriven } from './record.ts';

/** Why something could not become a stored reading, with the sentence that explains it. */
export const quarantineReasons = {
  'no-template': 'No topic template matches the topic.',
  schema: 'The payload breaks the schema that it is read by.',
  'unknown-schema': 'No schema of this id or subject is in force.',
  'no-device': 'Neither the topic nor the payload names a device.',
  'not-json': 'The payload is not valid JSON.',
  'no-fields': 'The payload or the reading holds no field: nothing in it is a value, or none of those that are mapped.',
  'wrong-shape':
    'A reading is no object, a field is a list, or an object or list stands where a bare value belongs: see the topic in the configuration.',
  malformed: 'The payload is not of the format that its topic has: CSV, SenML, line protocol or availability.',
  'not-sparkplug': 'The payload is not Sparkplug B, or its message says nothing that is a reading.',
  'no-birth': 'A metric is named by an alias, and no birth of its edge node has declared that.',
  'not-finite': 'A number is NaN, infinite or beyond the range of a double.',
  'too-deep': 'Objects are nested deeper than depthMax.',
  'too-many-fields': 'The reading has more fields than fieldsPerReadingMax.',
  'too-many-readings': 'The payload holds more readings than readingsPerPublishMax.',
  'too-many-devices': 'The log already knows devicesMax devices.',
  'bad-key': 'A field, tag or device name is empty, too long, or reserved.',
  'bad-text': 'The topic or payload is not valid UTF-8 or holds control characters.',
  'clock-ahead': "The reading's time is further ahead of the log's clock than clock.maxAhead.",
  'clock-unset': "The reading's time is unreadable or before the year 2000: the device's clock is not set.",
  'beyond-retention': 'The reading is older than the storage keeps.',
  'storage-refused': 'InfluxDB refused the point.',
  'no-such-part': 'The redriven publish no longer holds the reading that it was redriven for.',
} as const;

export type QuarantineReason = keyof typeof quarantineReasons;

/** What was set aside, and why. */
export interface Quarantined {
  readonly reason: QuarantineReason;
  /** What exactly was wrong: field, value, limit. */
  readonly detail: string;
  readonly topic: string;
  readonly client: string;
  /** Null when the topic named none. */
  readonly key: string | null;
  /** The first bytes of the payload (at most `quarantinedBytesMax`), base64. */
  readonly firstBytes: string;
  readonly bytes: number;
  readonly receivedAtUs: number;
  readonly origin: Origin;
  /** Its publish held several readings, of which this is one; absent: the publish as a whole. */
  readonly several?: true;
  /** What the record was there again for: it was redriven and refused again. */
  readonly redriven?: Redriven;
}

/** What became of a record that was redriven, JSON on `quarantine.redriven.<partition>`. */
export interface RedriveOutcome {
  readonly of: Redriven;
  /** Where the redriven record stands. */
  readonly origin: Origin;
  /** The log's clock there, us. */
  readonly atUs: number;
  /** Became readings; those that storage had set aside are written once more. */
  readonly readings: number;
  /** Were taken before. */
  readonly duplicate: number;
  readonly filtered: number;
  readonly quarantined: number;
  /** Of the first that was quarantined again; null when none was. */
  readonly reason: QuarantineReason | null;
}

/** Bytes of a payload that a quarantine record keeps. */
export const quarantinedBytesMax = 256;
