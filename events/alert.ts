import type { Origin } from './record.ts';

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** States of (rule, device key, field). `unknown`: no reading for `stale`, or not yet judged. */
export type AlertState = 'ok' | 'pending' | 'firing' | 'unknown';

/**
 * Why a state became unknown: nothing was judged for `stale`, messages of the log are missing, the rule (or its window)
 * was edited or removed, the device was forgotten, retired, erased, or goes on as the device that it replaces.
 */
export const unknownReasons = [
  'silence',
  'gap',
  'edited',
  'removed',
  'forgotten',
  'retired',
  'erased',
  'replaced',
] as const;
export type UnknownReason = (typeof unknownReasons)[number];

/** One step of a rule's state machine. Only firing and its end are notified. */
export interface Transition {
  /** Stable: the same log gives the same id, in live and in replay. Safe as a webhook id. */
  readonly id: string;
  readonly rule: string;
  readonly key: string;
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The field judged; for a window rule, its field. */
  readonly field: string;
  readonly from: AlertState;
  readonly to: AlertState;
  readonly severity: Severity;
  /** The value that decided it; null when none did, as for what became unknown. */
  readonly value: number | null;
  /** The limit it was held against. */
  readonly threshold: number;
  /** Event time of the reading (or end of the window) that decided it; for time's passing, the log's clock. */
  readonly timeUs: number;
  /** The log's clock when it was decided. */
  readonly decidedAtUs: number;
  /** What the state was when the firing began, kept through firing: event time of its first reading. */
  readonly sinceUs: number;
  /** About readings older than `alerts.maxAge`: recorded, not notified. */
  readonly historical: boolean;
  /**
   * What subscribers are told: `firing` when an alert begins, `resolved` when it ends, null for steps that concern
   * nobody. Firing that turns unknown and back to firing is one alert; unknown to ok after firing is its end.
   * What was historical when it happened is told by the first reading that is not, with `from` equal to `to`. An
   * alert whose rule was removed ends with `to` unknown and `resolved`.
   */
  readonly notify: 'firing' | 'resolved' | null;
  /** Of what became unknown; absent on others, and on those of versions that did not say. */
  readonly why?: UnknownReason;
  /** Says in words what was judged: "temperature above 85". */
  readonly condition: string;
  readonly origin: Origin;
}

/** An alarm of the product about itself (`alerts.system`), by the wall clock, outside replay. */
export interface SystemAlarm {
  readonly kind: 'system';
  readonly code: string;
  readonly message: string;
  readonly atUs: number;
  readonly active: boolean;
  /** The process start that said it, `<instance>/<start>`: when that is gone, another ends it. */
  readonly by?: string;
}
