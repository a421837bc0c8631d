/** REST answers about alerts and webhooks; see `api.ts` for what holds for all. */
import type { Severity, Transition } from './alert.ts';
import type { DeviceRule } from './api.ts';
import type { Delivery } from './delivery.ts';
import type { AlertStatus } from './device.ts';
import type { AlertCounts } from './pipeline.ts';
import type { FieldValue } from './reading.ts';

/** An alert that is on: firing, or unknown since its device fell silent while it fired. */
export interface ActiveAlert extends AlertStatus {
  /** What people call the device now; empty: its name. */
  readonly label: string;
  /** When the firing began, event time. */
  readonly firingSinceUs: number;
  /** The latest value of its field. */
  readonly latest: FieldValue | null;
  readonly unit: string;
}

/** An alert that ended. */
export interface PastAlert {
  readonly id: string;
  readonly rule: string;
  readonly key: string;
  readonly device: string;
  /** What people call the device now; empty: its name. */
  readonly label: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly field: string;
  readonly severity: Severity;
  readonly condition: string;
  readonly value: number | null;
  readonly firingSinceUs: number;
  readonly resolvedAtUs: number;
}

/** `GET /alerts?state=active|resolved|all&limit=` (default all, 200): the other list is then empty. */
export interface AlertsAnswer {
  readonly counts: AlertCounts;
  /** Most severe first, then the longest. */
  readonly active: readonly ActiveAlert[];
  /** Of the last 24 h, latest first. */
  readonly resolved: readonly PastAlert[];
}

/** `GET /alerts/{id}`: the id of any step of it that is still known. */
export interface AlertAnswer {
  readonly rule: DeviceRule | null;
  /** What people call the device now; empty: its name. */
  readonly label: string;
  /** What was seen, newest first, at most 50. */
  readonly steps: readonly Transition[];
  /** Of the field judged; empty without one. */
  readonly unit: string;
  readonly deliveries: readonly Delivery[];
}

/**
 * `GET /alerts/{id}/history?from=&to=&points=` answers `HistoryAnswer` of kind `window` for an alert of a group of devices:
 * `values` are the aggregate that its rule judges. 404 when those windows have no one length.
 */

export interface WebhookView {
  readonly name: string;
  readonly url: string;
  readonly rules: readonly string[];
  /** `config`: read-only by REST. */
  readonly source: 'config' | 'api';
  readonly disabled: boolean;
  readonly waiting: number;
  readonly delivered: number;
  readonly failing: boolean;
  readonly lastError: string;
}

/** `GET /webhooks`. */
export interface WebhooksAnswer {
  readonly items: readonly WebhookView[];
}

/** Body of `POST /webhooks`. 400 `BAD_URL` or `TARGET_REFUSED`, 409 `EXISTS`. */
export interface WebhookRequest {
  readonly name: string;
  readonly url: string;
  readonly rules?: readonly string[];
  /** `whsec_` and 24 to 64 bytes in base64; generated when absent. */
  readonly secret?: string;
}

/** 201: the only answer that ever shows the secret. `DELETE /webhooks/{name}` is 204; 409 `READ_ONLY` for the configuration's. */
export interface WebhookCreated extends WebhookView {
  readonly secret: string;
}

/** `GET /webhooks/{name}/deliveries?limit=` (1..200, default 50): latest first. */
export interface DeliveriesAnswer {
  readonly items: readonly Delivery[];
}
