import type { AlertState, Severity } from './alert.ts';
import type { FieldValue } from './reading.ts';

/** What is known of one field of a device. */
export interface FieldState {
  readonly value: FieldValue;
  /** Event time of that value. */
  readonly timeUs: number;
  /** Learned reporting interval: the median of the last 16 gaps between readings; null until there are 3. */
  readonly intervalUs: number | null;
}

/**
 *     online    its readings come, or it is connected
 *     offline   it said so, or somebody for it (a will, a Sparkplug death), or its connection ended
 *     stale     silent for more than three of its reporting intervals
 *     unknown   silent, and too little is known of how often it sends
 */
export const presenceStates = ['online', 'offline', 'stale', 'unknown'] as const;
export type PresenceState = (typeof presenceStates)[number];

/**
 *     reading   it sent something
 *     said      a payload said so: an availability topic, a will, a Sparkplug birth or death
 *     goodbye   its client ended the connection with DISCONNECT
 *     broken    its connection ended without
 *     silence   nothing came of it for too long
 */
export const presenceCauses = ['reading', 'said', 'goodbye', 'broken', 'silence'] as const;
export type PresenceCause = (typeof presenceCauses)[number];

/** Whether a device is there, from the log's records alone. */
export interface Presence {
  readonly state: PresenceState;
  readonly cause: PresenceCause;
  /** The log's clock when the state began. */
  readonly sinceUs: number;
  /**
   * The reporting interval that its silence is held against: that of its event times, or where it sends what it has
   * gathered, that of its coming; null while unlearned.
   */
  readonly intervalUs: number | null;
}

/** What people did with a device. */
export interface DeviceLife {
  /** What people call it; empty: its name. */
  readonly label: string;
  readonly retired: boolean;
  /** The key under which its readings come since its hardware was replaced; null: its own. */
  readonly replacedBy: string | null;
}

/** What is known of a device: operator state of its partition's worker, mirrored by the dashboard. */
export interface DeviceState {
  readonly key: string;
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The topic its last reading came on. */
  readonly topic: string;
  readonly fields: Readonly<Record<string, FieldState>>;
  /** Greatest event time seen. */
  readonly lastTimeUs: number;
  /** The log's clock at its last reading. */
  readonly lastSeenUs: number;
  /** How far its own clock is from the log's, positive when ahead; null when it sends no time. */
  readonly clockOffsetUs: number | null;
  readonly readings: number;
  readonly presence: Presence;
  readonly life: DeviceLife;
}

/** The present state of one rule on one field of one device. */
export interface AlertStatus {
  readonly rule: string;
  readonly key: string;
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly field: string;
  readonly state: AlertState;
  readonly severity: Severity;
  readonly value: number | null;
  readonly threshold: number;
  /** Event time at which the present state began. */
  readonly sinceUs: number;
  readonly condition: string;
  /** Id of the transition that led here. */
  readonly id: string;
}

/** Silence longer than this is a gap in a chart, and marks a device stale. Never under 2 s. */
export const gapMinUs = 2_000_000;

/** The silence (us) after which a field or device with this learned interval counts as stale; 5 min while unlearned. */
export function gapUs(intervalUs: number | null): number {
  if (intervalUs === null) return 300_000_000;
  return Math.max(3 * intervalUs, gapMinUs);
}

/** The shortest learned interval among a device's fields, null while none is learned. */
export function deviceIntervalUs(device: Pick<DeviceState, 'fields'>): number | null {
  let least: number | null = null;
  for (const name in device.fields) {
    const interval = device.fields[name]!.intervalUs;
    if (interval !== null && (least === null || interval < least)) least = interval;
  }
  return least;
}
