import type { Transition } from '../events/alert.ts';
import type { Quarantined, RedriveOutcome } from '../events/quarantine.ts';
import type { DerivedReading, Reading } from '../events/reading.ts';
import type { LifeOperation, LogRecord, Origin, PassedRecord, PublishRecord } from '../events/record.ts';
import type { WindowResult } from '../events/window.ts';
import type { Route } from './decode/routes.ts';
import type { RebirthRequest } from './decode/sparkplug/edge-nodes.ts';
import type { KnownDevice } from './decode/known-devices.ts';
import type { LifeOutcome } from './life/device-lives.ts';
import type { PassedOn } from './life/passing.ts';
import type { LeftOut } from './windows/groups-max.ts';
import type { TransformTally } from './transforms/transform-set.ts';

/** One message of the log, its records decoded. */
export interface LogMessage {
  readonly partition: number;
  /** Stream sequence. */
  readonly sequence: number;
  /** The timestamp JetStream gave it: the log's clock. */
  readonly nowUs: number;
  readonly records: readonly LogRecord[];
}

/**
 * One publish on its way to become a reading, from decodePayloads on one reading of it. The intake's operators fill it
 * in this order and take it out of the step where it ends: as a duplicate or in quarantine.
 */
export interface Arrival {
  readonly record: PublishRecord;
  readonly origin: Origin;
  /** Of the topic; from decodePayloads on of the device that the payload names, if it does. */
  route: Route;
  /** Its publish held several readings. Set by decodePayloads. */
  several?: true;
  /** It was passed on from another partition, decoded and under its device's key. */
  passed?: true;
  /** Set by decodePayloads. */
  payload: DecodedPayload;
  /** Set by stampTimes. */
  device: KnownDevice;
  /** Set by stampTimes. */
  reading: Reading;
}

/** What a payload says, or one reading of several in it. */
export interface DecodedPayload {
  readonly fields: Reading['fields'];
  /** Event time in us that came with it; null when it has none. */
  readonly ownTimeUs: number | null;
  /** Hash of the set of field names, in any order. */
  readonly shape: number;
  /** The device that it names itself; absent where the topic says all. */
  readonly device?: string;
  /** Tags beside those of the topic. */
  readonly tags?: Reading['tags'];
  /** What it says of the device being there: an availability topic, a will, a Sparkplug birth or death. */
  readonly presence?: 'online' | 'offline';
}

/** A reading that came before: the first one counts. */
export interface Duplicate {
  /** `retransmission`: the same MQTT packet again. `repeat`: the same device, time and field names again.
   * `redriven`: what it was redriven for is a reading already. */
  readonly kind: 'retransmission' | 'repeat' | 'redriven';
  /** Device key, null when the topic named none. */
  readonly key: string | null;
  readonly origin: Origin;
}

/** What the configuration leaves out: a reading that the transforms left nothing of, a publish that holds none. */
export interface Filtered {
  /** Null where no device said it. */
  readonly key: string | null;
  /** The transform that took the last of it; null where there was no reading. */
  readonly transform: string | null;
  readonly origin: Origin;
}

/** What somebody did with a device, and what came of it. */
export interface LifeChange {
  readonly operation: LifeOperation;
  readonly outcome: LifeOutcome;
}

/**
 * A device whose windows and alerts end, as somebody said so: `retired` it is still known, `replaced` its readings are
 * another's from now on, `erased` its open windows give no result.
 */
export interface Parting {
  readonly key: string;
  readonly why: 'retired' | 'replaced' | 'erased';
}

/** A custom processor that threw or emitted late: it is stopped, its partition goes on. */
export interface ProcessorFailure {
  readonly processor: string;
  /** What happened, as a sentence. */
  readonly message: string;
  /** The reading that did it; null when there was none yet. */
  readonly reading: Reading | null;
}

/**
 * One log message on its way through the pipeline. Each operator adds its part:
 * received = readings + quarantined + duplicates + filtered, in readings (a publish that cannot be decoded counts as one).
 */
export interface Step {
  readonly partition: number;
  readonly sequence: number;
  readonly nowUs: number;
  /** The log's time with ticks, in us since its beginning: what absence, idle and `for` count. */
  readonly elapsedUs: number;
  readonly records: readonly LogRecord[];
  /**
   * Keys of devices not heard of for `state.retain`, in order, then of those that were replaced or erased: all state of
   * theirs is dropped, before this message's readings. One that is among `readings` too has come back as a new device.
   */
  readonly forgotten: string[];
  /** Device-life operations in it. */
  readonly lives: LifeChange[];
  readonly partings: Parting[];
  /** What was passed on to this partition for the first time, with its index in `records`; in order. */
  readonly passed: { readonly record: PassedRecord; readonly index: number }[];
  /** What is passed on to other partitions; in the order of `from`. */
  readonly passedOn: PassedOn[];
  /** Publishes still on their way; after the intake, those that became readings. Same order as `readings`. */
  readonly arrivals: Arrival[];
  /** Readings in the message; a publish that could not be decoded, or came again, counts as one. What is passed on to
   * another partition counts there. */
  received: number;
  /** New readings, as the transforms left them, in log order. */
  readings: Reading[];
  /** In log order. */
  readonly quarantined: Quarantined[];
  /** What became of redriven records; in log order. */
  redriven: readonly RedriveOutcome[];
  /** Among the records are redriven ones. */
  hasRedriven: boolean;
  /** In log order. */
  readonly duplicates: Duplicate[];
  /** In log order. */
  readonly filtered: Filtered[];
  /** What transforms left out in this step, in their order. */
  readonly tallies: TransformTally[];
  /** Those of `readings` that came after a window they belong to had closed. */
  readonly late: Reading[];
  /** Keys of devices that are new, or whose tags, topic or learned intervals changed. */
  readonly changedDevices: string[];
  /** In order of window end, window, device key, field. */
  windows: WindowResult[];
  /** In order of rule, device key, field; those of one alert in the order they happened. */
  transitions: Transition[];
  readonly derived: DerivedReading[];
  readonly failures: ProcessorFailure[];
  /** What windows and joins of the fleet left out, as the readings' groups would be too many. */
  readonly leftOut: LeftOut[];
  /** Sparkplug edge nodes that are to send their births again. */
  readonly rebirths: RebirthRequest[];
}
