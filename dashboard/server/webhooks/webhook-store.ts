import { setTimeout as wait } from 'node:timers/promises';
import type { WebhookRequest } from '../../../events/api-alerts.ts';
import type { WebhookDefinition } from '../../../events/delivery.ts';
import type { Bucket } from '../../../infra/bus/kv.ts';
import type { WebhookConfig } from '../../../infra/config/schema.ts';
import type { Log } from '../../../infra/log.ts';
import { generateWebhookSecret } from '../../../infra/webhook-secret.ts';

export const webhooksMax = 100;
const retryMs = 1_000;

export type Creation =
  | { readonly kind: 'created'; readonly webhook: WebhookDefinition }
  | { readonly kind: 'exists' }
  | { readonly kind: 'too-many' };

/** Webhooks of the configuration, and those made by REST, which live in KV `webhooks`. */
export class WebhookStore {
  readonly #bucket: Bucket;
  readonly #fromConfig: ReadonlyMap<string, WebhookDefinition>;
  readonly #fromApi = new Map<string, WebhookDefinition>();

  /** @param bucket `webhooks`, which `up` created */
  constructor(bucket: Bucket, configured: readonly WebhookConfig[]) {
    this.#bucket = bucket;
    const definition = ({ name, url, secret, rules }: WebhookConfig): WebhookDefinition => {
      return { name, url, secret: secret ?? '', rules, source: 'config', disabled: false };
    };
    this.#fromConfig = new Map(configured.map((webhook) => [webhook.name, definition(webhook)]));
  }

  /** Keeps up with the bucket until aborted. Values of the configuration's webhooks say no more than what is known. */
  async follow(signal: AbortSignal, log: Log): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const { key, value } of this.#bucket.watch(signal)) {
          if (value === null) this.#fromApi.delete(key);
          else this.#take(key, JSON.parse(Buffer.from(value).toString()) as WebhookDefinition);
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'webhooks cannot be followed; trying again');
        await wait(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  list(): readonly WebhookDefinition[] {
    return [...this.#fromConfig.values(), ...this.#fromApi.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): WebhookDefinition | undefined {
    return this.#fromConfig.get(name) ?? this.#fromApi.get(name);
  }

  /** @throws LOG_UNAVAILABLE when NATS does not answer. */
  async create({ name, url, rules = ['*'], secret = generateWebhookSecret() }: WebhookRequest): Promise<Creation> {
    if (this.#fromConfig.has(name)) return { kind: 'exists' };
    if (this.#fromApi.size >= webhooksMax) return { kind: 'too-many' };
    const webhook: WebhookDefinition = { name, url, rules, secret, source: 'api', disabled: false };
    const revision = await this.#bucket.create(name, JSON.stringify(webhook));
    if (revision === null) return { kind: 'exists' };
    this.#take(name, webhook);
    return { kind: 'created', webhook };
  }

  /** @throws LOG_UNAVAILABLE when NATS does not answer. */
  async delete(name: string): Promise<void> {
    await this.#bucket.delete(name);
    this.#fromApi.delete(name);
  }

  #take(name: string, webhook: WebhookDefinition): void {
    if (webhook.source === 'api' && !this.#fromConfig.has(name)) this.#fromApi.set(name, webhook);
  }
}
