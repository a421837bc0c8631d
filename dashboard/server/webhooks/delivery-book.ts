import type { Delivery } from '../../../events/delivery.ts';

/** Attempts kept of each webhook, and webhooks kept; deleted ones leave their attempts in the stream. */
export const deliveriesPerWebhookMax = 200;
const webhooksMax = 200;

/** The latest attempts of each webhook. */
export class DeliveryBook {
  readonly #byWebhook = new Map<string, Delivery[]>();

  add(delivery: Delivery): void {
    let deliveries = this.#byWebhook.get(delivery.webhook);
    if (deliveries === undefined) {
      if (this.#byWebhook.size >= webhooksMax) this.#byWebhook.delete(this.#byWebhook.keys().next().value!);
      this.#byWebhook.set(delivery.webhook, (deliveries = []));
    }
    deliveries.push(delivery);
    if (deliveries.length > deliveriesPerWebhookMax) deliveries.shift();
  }

  /** Latest first. */
  of(webhook: string, limit: number): readonly Delivery[] {
    return (this.#byWebhook.get(webhook) ?? []).toReversed().slice(0, limit);
  }

  /** Attempts for any of these transitions, latest first. */
  about(ids: ReadonlySet<string>, limit: number): readonly Delivery[] {
    const all = [...this.#byWebhook.values()].flat().filter(({ id }) => ids.has(id));
    return all.toSorted((a, b) => b.atUs - a.atUs).slice(0, limit);
  }
}
