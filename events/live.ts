import type { Transition } from './alert.ts';
import type { AlertStatus, DeviceState } from './device.ts';
import type { FieldValue } from './reading.ts';
import type { WindowResult } from './window.ts';
import type { Ledger } from './ledger.ts';

/** One conflated reading on its way to viewers: the latest values a device sent since the last frame. */
export interface LiveReading {
  readonly key: string;
  /** Event time, us. */
  readonly time: number;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** On `live.<partition>` (core NATS, JSON): what changed since the last one, at most every 100 ms. */
export interface LiveBatch {
  readonly partition: number;
  /** The log's clock, us. */
  readonly nowUs: number;
  /** Sequence of the last log message that is in it. */
  readonly sequence: number;
  readonly items: readonly LiveReading[];
  /** Readings behind these items, before conflation. */
  readonly readings: number;
  /** Arrival at ingest of the oldest and newest reading behind the items, us; null without any. */
  readonly oldestReceivedAtUs: number | null;
  readonly newestReceivedAtUs: number | null;
  /** Devices that are new, or whose tags, topic or learned intervals changed: the whole state. */
  readonly devices: readonly DeviceState[];
  /** Keys of devices that were forgotten, before any of the other lists. One that is in `devices` too has come back. */
  readonly forgotten: readonly string[];
  readonly transitions: readonly Transition[];
}

/** Request on `query.devices.<partition>`: devices after `after` in key order, or exactly one by `key`. */
export interface DevicesQuery {
  readonly after?: string;
  readonly key?: string;
}

/** A page of at most 500 devices, with the alert states of just these and, when one `key` was asked for, its ledger. */
export interface DevicesPage {
  readonly partition: number;
  /** Sequence of the last log message that is in it, and the log's clock then. */
  readonly sequence: number;
  readonly nowUs: number;
  readonly devices: readonly DeviceState[];
  readonly alerts: readonly AlertStatus[];
  readonly ledger: Ledger | null;
  /** Its open windows so far, marked `partial`, the earliest end first; at most 100, and only when one `key` was asked for. */
  readonly partials: readonly WindowResult[];
  /** Key to ask after for the next page, null at the end. */
  readonly next: string | null;
}

/** Devices and groups of them, by their keys. A device may be called like a group, so they are told apart. */
export interface WindowKeys {
  readonly devices: readonly string[];
  readonly groups: readonly string[];
}

/** Keys whose open windows one dashboard process may watch, devices and groups together. */
export const watchedKeysMax = 200;

/**
 * On `query.partials` (core NATS, JSON): the keys whose open windows a dashboard wants, on each change and every 2 s
 * while there are any. It replaces what this watcher said before, and holds for 6 s.
 */
export interface WatchedKeys extends WindowKeys {
  /** Tells dashboard processes apart. */
  readonly watcher: string;
}

/** The open windows of a device or group that is watched, as they are now, and what closed since the last time. */
export interface WindowsNow {
  readonly key: string;
  /** All that are open, marked `partial`, the earliest end first; at most 100. Replaces those of before. */
  readonly open: readonly WindowResult[];
  /** Results and revisions since the last message, oldest first; at most 100, the oldest are left out. */
  readonly closed: readonly WindowResult[];
}

/** On `live.partials.<lane>` (core NATS, JSON): what changed of the keys watched, at most every 500 ms. */
export interface WindowsBatch {
  /** Partition, or the fleet's worker: then the keys are those of groups. */
  readonly lane: number | 'fleet';
  readonly items: readonly WindowsNow[];
}

/** What a browser sends on `/live`. A new one replaces the one before. `["*"]`: all devices. */
export interface LiveSubscribe {
  readonly type: 'subscribe';
  readonly devices: readonly string[];
  readonly alerts: boolean;
  /** Whose open windows to send as they grow: at most 20 keys. Absent: none. */
  readonly windows?: WindowKeys;
}
