import type { Delivery, WebhookDefinition } from '../../events/delivery.ts';
import type { WebhookReport } from '../../events/health.ts';
import type { FencedWriter } from '../../infra/bus/fenced-writer.ts';
import type { Bell } from '../bell.ts';
import { alertCloudEvent, cloudEventContentType } from './cloudevent.ts';
import type { DeliveryQueue, PendingDelivery } from './delivery-queue.ts';
import { decide, type AttemptResult } from './retry-schedule.ts';
import { signedHeaders } from './signature.ts';
import type { WebhookClient } from './webhook-client.ts';

/** Requests to one webhook at a time. */
export const deliveriesInFlightMax = 4;
/** Attempts recorded since the last checkpoint; at it no more are made until there is one. */
export const unsavedAttemptsMax = 500;

export interface DelivererOptions {
  readonly definition: WebhookDefinition;
  readonly queue: DeliveryQueue;
  readonly client: WebhookClient;
  /** Writes DELIVERIES. */
  readonly writer: FencedWriter;
  /** Rung by whoever changes the queue, and here when an attempt has ended. */
  readonly bell: Bell;
  /** Awaited before each request, see `Lease`. */
  readonly confirmed?: (() => Promise<void>) | undefined;
}

/** Makes the attempts that are due and records each in DELIVERIES before its place is given to another. */
export class Deliverer {
  /** Attempts recorded that no checkpoint holds yet. */
  unsaved = 0;
  delivered = 0;
  /** Of the last attempt; empty when it succeeded. */
  lastError = '';
  readonly #options: DelivererOptions;
  readonly #attempts = new Set<Promise<void>>();
  /** Number of the last record, which fences the next. */
  #records: number;
  #gone = false;
  #failure: Error | null = null;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#records = options.writer.upTo?.sequence ?? 0;
  }

  get status(): Pick<WebhookReport, 'delivered' | 'failing' | 'lastError'> {
    return { delivered: this.delivered, failing: this.lastError !== '', lastError: this.lastError };
  }

  /** Delivers until the signal is aborted, or the receiver wants no more. @returns which of the two */
  async run(signal: AbortSignal): Promise<'stopped' | 'gone'> {
    const { queue, bell, writer } = this.#options;
    while (!signal.aborted && !this.#gone && this.#failure === null) {
      for (const late of queue.expired(nowUs())) this.#giveUp(late, 'It waited too long behind older deliveries.');
      const room = this.unsaved < unsavedAttemptsMax ? deliveriesInFlightMax - this.#attempts.size : 0;
      for (const delivery of queue.start(nowUs(), room)) this.#start(delivery, signal);
      const nextUs = this.#attempts.size < deliveriesInFlightMax ? queue.nextUs() : null;
      await bell.next(signal, waitMs(nextUs));
    }
    await Promise.all(this.#attempts);
    if (this.#failure !== null) throw this.#failure;
    if (!this.#gone) return 'stopped';
    for (const delivery of queue.clear()) this.#giveUp(delivery, 'The receiver wants no more (410).');
    await writer.drained();
    return 'gone';
  }

  #start(delivery: PendingDelivery, signal: AbortSignal): void {
    const attempt = this.#attempt(delivery, signal)
      .catch((cause: unknown) => {
        this.#failure ??= cause instanceof Error ? cause : new Error(String(cause));
      })
      .finally(() => {
        this.#attempts.delete(attempt);
        this.#options.bell.ring();
      });
    this.#attempts.add(attempt);
  }

  async #attempt(delivery: PendingDelivery, signal: AbortSignal): Promise<void> {
    const { definition, queue, client, writer, confirmed } = this.#options;
    await confirmed?.();
    const { transition } = delivery;
    const body = JSON.stringify(alertCloudEvent(transition));
    const headers = {
      'content-type': cloudEventContentType,
      'user-agent': 'Millrace',
      ...signedHeaders(definition.secret, transition.id, Math.floor(Date.now() / 1000), body),
    };
    const result = await client.post(definition.url, headers, body, signal);
    // Stopped in the middle: nobody knows whether it arrived, so the restart tries again with the same id.
    if (signal.aborted && result.status === null) return;
    const attempt = delivery.attempts + 1;
    const decision = decide(result, attempt, Math.random());
    const dueUs = decision.kind === 'retry' ? nowUs() + decision.delayMs * 1000 : null;
    if (dueUs === null) queue.finish(transition.id);
    else queue.retry(transition.id, dueUs);
    this.lastError = result.error;
    if (decision.kind === 'delivered') this.delivered++;
    if (decision.kind === 'dead-letter' && decision.gone) this.#gone = true;
    this.#record(delivery, attempt, decision.kind, result, dueUs);
    await writer.drained();
  }

  #giveUp(delivery: PendingDelivery, error: string): void {
    const result = { status: null, error, retryAfterMs: null, durationMs: 0 };
    this.#record(delivery, delivery.attempts, 'dead-letter', result, null);
  }

  #record(
    { transition: { id, rule, key, notify: state } }: PendingDelivery,
    attempt: number,
    outcome: Delivery['outcome'],
    { status, error, durationMs }: AttemptResult,
    nextAttemptAtUs: number | null,
  ): void {
    const webhook = this.#options.definition.name;
    const made = { attempt, atUs: nowUs(), outcome, status, durationMs, error, nextAttemptAtUs };
    const record: Delivery = { webhook, id, rule, key, state, ...made };
    this.#options.writer.write(++this.#records, [record]);
    this.unsaved++;
  }
}

function nowUs(): number {
  return Date.now() * 1000;
}

/** Timers cannot be longer than 2^31 ms; an hour does. */
function waitMs(atUs: number | null): number | undefined {
  if (atUs === null) return undefined;
  return Math.min(Math.max(1, Math.ceil((atUs - nowUs()) / 1000)), 3_600_000);
}
