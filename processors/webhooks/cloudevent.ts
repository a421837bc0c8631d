import type { Severity, Transition } from '../../events/alert.ts';
import type { Origin } from '../../events/record.ts';

export const cloudEventContentType = 'application/cloudevents+json; charset=utf-8';

/** What a subscriber receives: the alert as a CloudEvent 1.0 in structured JSON (https://cloudevents.io). */
export interface AlertCloudEvent {
  readonly specversion: '1.0';
  /** The transition's id, also in `webhook-id`: the same alert twice has the same id. */
  readonly id: string;
  readonly source: '/millrace';
  readonly type: 'millrace.alert.firing' | 'millrace.alert.resolved';
  /** Device key. */
  readonly subject: string;
  /** RFC 3339 with microseconds: the time of the reading that decided it. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: {
    readonly rule: string;
    readonly device: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly field: string;
    /** Null when silence decided. */
    readonly value: number | null;
    readonly threshold: number;
    readonly state: 'firing' | 'resolved';
    readonly severity: Severity;
    /** In words: "temperature above 85". */
    readonly condition: string;
    /** Epoch microseconds. */
    readonly time: number;
    readonly origin: Origin;
  };
}

/** A transition that subscribers are told about. */
export type NotifiedTransition = Transition & { readonly notify: 'firing' | 'resolved' };

export function alertCloudEvent(transition: NotifiedTransition): AlertCloudEvent {
  const { id, key, notify, timeUs, rule, device, tags, field, value, threshold, severity, condition, origin } =
    transition;
  return {
    specversion: '1.0',
    id,
    source: '/millrace',
    type: `millrace.alert.${notify}`,
    subject: key,
    time: isoMicroseconds(timeUs),
    datacontenttype: 'application/json',
    data: { rule, device, tags, field, value, threshold, state: notify, severity, condition, time: timeUs, origin },
  };
}

function isoMicroseconds(timeUs: number): string {
  const seconds = Math.floor(timeUs / 1e6);
  const fraction = String(timeUs - seconds * 1e6).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}
