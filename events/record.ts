/**
 * Records: what the log holds. One JetStream message is a batch of records of one partition.
 * All times are integer microseconds since the UTC epoch.
 */

import type { TraceContext } from './trace-context.ts';

/** Quality of service of an MQTT publish. */
export type Qos = 0 | 1 | 2;

/** What a sensor said, byte for byte. Decoding happens after the log. */
export interface PublishRecord {
  readonly kind: 'publish';
  /** MQTT client id. */
  readonly client: string;
  /** Identifies one connection of that client: unique per ingest process start and socket. */
  readonly connection: string;
  /** MQTT packet identifier, 0 for QoS 0. */
  readonly packetId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** The sender marked it as a retransmission. */
  readonly dup: boolean;
  readonly receivedAtUs: number;
  /** Of a sender that traces: HTTP headers or MQTT 5 user properties. */
  readonly trace?: TraceContext;
  /** It is in the log again, on request, for what went to quarantine; absent in what came from a sensor. */
  readonly redriven?: Redriven;
}

/** Which quarantined reading a record is there again for. */
export interface Redriven {
  /** Where the sensor's own record stands, however often it was redriven. */
  readonly partition: number;
  readonly sequence: number;
  readonly index: number;
  /** Number of the reading in its publish; null: the publish as a whole, of which nothing could be read. */
  readonly part: number | null;
  /** Who had set it aside. What storage did is a reading already everywhere but in InfluxDB. */
  readonly by: QuarantinedBy;
}

/** `worker`: it never became a reading. `storage`: it did, and could not be stored. */
export type QuarantinedBy = 'worker' | 'storage';

/** A client was accepted. Goes to every partition. */
export interface ConnectRecord {
  readonly kind: 'connect';
  readonly client: string;
  readonly connection: string;
  readonly atUs: number;
}

/** A connection ended. Goes to every partition and closes only its own connection. */
export interface DisconnectRecord {
  readonly kind: 'disconnect';
  readonly client: string;
  readonly connection: string;
  readonly atUs: number;
  /** The client said goodbye (MQTT DISCONNECT), as opposed to a broken or timed-out socket. */
  readonly clean: boolean;
}

/** "This ingest instance was listening in that second." One per partition and second, never queued for later. */
export interface TickRecord {
  readonly kind: 'tick';
  readonly instance: string;
  readonly atUs: number;
}

/**
 * From this position on, another configuration version is in force. It travels alone in its batch, to every partition.
 * The immutable version itself is in KV `config` under its number.
 */
export interface ControlRecord {
  readonly kind: 'control';
  readonly version: number;
  /** The version in force before, null at the beginning of the log. */
  readonly previous: number | null;
  /** SHA-256 (hex) of the version's canonical JSON. */
  readonly hash: string;
  /** What becomes of the state of edited windows and rules; absent: reset. */
  readonly state?: StateChoice;
}

/**
 * What a change of the configuration does with the state of the windows and rules that it edits.
 *
 *     reset     they start afresh, rules unknown
 *     keep      open windows and alerts go on under the new settings
 *     rebuild   they, and what is new, get the state that they would have, had they read the log from message `from` on
 */
export type StateChoice =
  | { readonly kind: 'reset' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'rebuild'; readonly from: number };

/**
 * Where a command to a device stands.
 *
 *     requested --> sent --> acknowledged | refused (by the device)
 *         |           +----> timed-out
 *         +----------------> timed-out | failed (it cannot be delivered)
 *
 * Each attempt is a `sent` of its own. The last four are final: the first of them counts.
 */
export const commandStates = ['requested', 'sent', 'acknowledged', 'timed-out', 'refused', 'failed'] as const;
export type CommandState = (typeof commandStates)[number];

/** What was asked for; travels with `requested`. */
export interface CommandRequest {
  readonly topic: string;
  /** As the device gets it. */
  readonly payload: Uint8Array;
  readonly qos: Qos;
  /** What makes it acknowledged: the PUBACK (PUBREC) of the device, or a publish of its own on the answer topic. */
  readonly acknowledge: CommandAcknowledge;
  /** Sends at most. */
  readonly attempts: number;
  /** When it is given up. */
  readonly deadlineUs: number;
  /** The ingest process that sees to it. */
  readonly owner: string;
  /** The device's MQTT client, where the request named it; else empty. */
  readonly client: string;
}

export type CommandAcknowledge = 'puback' | 'answer';

/** A step of a command to a device, in the device's partition. */
export interface CommandRecord {
  readonly kind: 'command';
  /** The same in all its steps and attempts, and in what the device gets. */
  readonly id: string;
  /** Device key. */
  readonly device: string;
  readonly command: string;
  readonly state: CommandState;
  /** Sends so far. */
  readonly attempt: number;
  readonly atUs: number;
  /** The client it was sent to or that answered; empty for others. */
  readonly client: string;
  /** What the device or the broker said of it. */
  readonly detail: string;
  readonly request?: CommandRequest;
}

/**
 * Somebody did something with a device, as an object in the plant: from this position of its partition on. It travels
 * alone in its batch.
 */
export interface LifeRecord {
  readonly kind: 'life';
  readonly atUs: number;
  readonly operation: LifeOperation;
}

/**
 *     rename        people see this label instead of the device's name; empty: its name again
 *     undo-rename   it has the label of before the last rename
 *     replace       what comes under the key `by` is the device's from here on: other hardware, the same history
 *     undo-replace  the end of that: what comes under `by` is the reading of a device of that key
 *     give          in the partition of the new hardware `key`, where that is another than the device's (`to`): what comes
 *                   of it here is passed on to the device's partition
 *     release       the end of that
 *     retire        rules and windows leave it out; its readings are stored as before
 *     revive        the end of that
 *     erase         all that is known of it goes, and its series
 *
 * `series`: what its points in InfluxDB are told by, the device's name and the tags that its topic gives. `partition` of a
 * replacement: where `by` is, which gave it; absent where that is the device's own. Of a gift: where `to` is.
 */
export type LifeOperation =
  | { readonly kind: 'rename'; readonly key: string; readonly label: string }
  | {
      readonly kind: 'replace';
      readonly key: string;
      readonly by: string;
      readonly series: DeviceSeries;
      readonly partition?: number;
    }
  | { readonly kind: 'undo-replace'; readonly key: string; readonly by: string }
  | {
      readonly kind: 'give';
      readonly key: string;
      readonly to: string;
      readonly partition: number;
      readonly series: DeviceSeries;
    }
  | { readonly kind: 'release'; readonly key: string; readonly to: string; readonly partition: number }
  | { readonly kind: 'retire' | 'revive' | 'undo-rename'; readonly key: string }
  | { readonly kind: 'erase'; readonly key: string; readonly series: DeviceSeries };

/** What a device is called in its points. */
export interface DeviceSeries {
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * What the worker of another partition has passed on to this one, as new hardware is there and its device here: a reading
 * (`as`), the end of a connection that brought some, or a device-life operation. Each is there once or more often, in the
 * order of `from`; the first time counts.
 */
export interface PassedRecord {
  readonly kind: 'passed';
  /** Where it stands in the log of its own partition. Null: it was redriven here. */
  readonly from: Origin | null;
  readonly record: PublishRecord | DisconnectRecord | LifeRecord;
  /** Of a publish: the reading, as the other partition decoded it. */
  readonly as?: PassedReading;
}

/** A decoded reading under the key, name and tags of the device that it is of. */
export interface PassedReading {
  readonly key: string;
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
  /** us; null when it has no time of its own. */
  readonly ownTimeUs: number | null;
  readonly fields: Readonly<Record<string, number | boolean | string>>;
  readonly presence?: 'online' | 'offline';
}

export type LogRecord =
  | PublishRecord
  | ConnectRecord
  | DisconnectRecord
  | TickRecord
  | ControlRecord
  | CommandRecord
  | LifeRecord
  | PassedRecord;

/** The publish that a record is, or that was passed on in it; null when it is none. */
export function publishIn(record: LogRecord | undefined): PublishRecord | null {
  if (record?.kind === 'publish') return record;
  return record?.kind === 'passed' && record.record.kind === 'publish' ? record.record : null;
}

/**
 * Where something stands in the log: stream sequence of the message, index of the record in its batch; index -1 is
 * the message's clock itself, which moves before its records are read.
 */
export interface Origin {
  readonly partition: number;
  readonly sequence: number;
  readonly index: number;
  /** Number of the reading in its publish, where that held several; absent for the first. */
  readonly part?: number;
}

/** The order of the log. */
export function inLogOrder(a: { readonly origin: Origin }, b: { readonly origin: Origin }): number {
  return (
    a.origin.partition - b.origin.partition ||
    a.origin.sequence - b.origin.sequence ||
    a.origin.index - b.origin.index ||
    (a.origin.part ?? 0) - (b.origin.part ?? 0)
  );
}
