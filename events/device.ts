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
