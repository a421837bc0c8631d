/** One attempt to deliver a transition to a webhook. A record, not a queue: `deliveries.<webhook>`. */
export interface Delivery {
  readonly webhook: string;
  /** The transition's id, which is also `webhook-id`. */
  readonly id: string;
  readonly rule: string;
  readonly key: string;
  readonly state: 'firing' | 'resolved';
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly atUs: number;
  readonly outcome: 'delivered' | 'retry' | 'dead-letter';
  /** HTTP status, null when there was no answer. */
  readonly status: number | null;
  readonly durationMs: number;
  /** Why it failed, as a sentence; empty when delivered. */
  readonly error: string;
  /** When the next attempt is due, null when there is none. */
  readonly nextAttemptAtUs: number | null;
}

/** A webhook as it stands in KV `webhooks` and in the configuration. */
export interface WebhookDefinition {
  readonly name: string;
  readonly url: string;
  /** `whsec_` + base64. Never in a stored config version or an API answer. */
  readonly secret: string;
  /** Rule names, or `*` for all. */
  readonly rules: readonly string[];
  /** Config webhooks are read-only by REST. */
  readonly source: 'config' | 'api';
  readonly disabled: boolean;
}
