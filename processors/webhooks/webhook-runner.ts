import type { WebhookDefinition } from '../../events/delivery.ts';
import type { WebhookReport } from '../../events/health.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { createFencedWriter } from '../../infra/bus/fenced-writer.ts';
import type { Log } from '../../infra/log.ts';
import { Bell } from '../bell.ts';
import { takeAlerts } from './alert-cursor.ts';
import { Deliverer, unsavedAttemptsMax } from './deliverer.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import type { WebhookClient } from './webhook-client.ts';
import { forgetState, lastDelivery, restoreQueue, saveQueue } from './webhook-state.ts';

/** Deliveries that one webhook may have pending; at it its cursor waits. */
export const pendingDeliveriesMax = 1_000;
const saveEveryMs = 1_000;
/** How long a stop waits for NATS before it leaves the state as it was last saved. */
const stopWithinMs = 3_000;

export interface WebhookRunnerOptions {
  readonly bus: Bus;
  readonly checkpoints: Checkpoints;
  readonly client: WebhookClient;
  readonly log: Log;
  /** The receiver answered 410. */
  readonly onGone: () => Promise<void>;
  /** Of the lease it runs under: awaited before anything is sent or written. */
  readonly confirmed?: (() => Promise<void>) | undefined;
}

/** One webhook at work: takes alerts from its cursor, delivers them, saves its state. */
export class WebhookRunner {
  readonly definition: WebhookDefinition;
  readonly #options: WebhookRunnerOptions;
  #queue: DeliveryQueue | null = null;
  #deliverer: Deliverer | null = null;
  #savedPosition: number | null = null;
  #stopped = '';

  constructor(definition: WebhookDefinition, options: WebhookRunnerOptions) {
    this.definition = definition;
    this.#options = options;
  }

  report(): WebhookReport {
    const status = this.#deliverer?.status ?? { delivered: 0, failing: false, lastError: '' };
    const stopped = this.#stopped === '' ? {} : { failing: true, lastError: this.#stopped };
    return { name: this.definition.name, waiting: this.#queue?.size ?? 0, ...status, ...stopped };
  }

  /** Sequence in ALERTS that a restart begins after; null while unknown. */
  get position(): number | null {
    return this.#savedPosition;
  }

  /** @param why as a sentence; empty when it runs (again) */
  setStopped(why: string): void {
    this.#stopped = why;
  }

  /** Runs until the signal is aborted or the receiver wants no more. May be called again after a failure. */
  async run(signal: AbortSignal): Promise<void> {
    const { bus, checkpoints, client, log, onGone, confirmed } = this.#options;
    const { definition } = this;
    const queue = await restoreQueue(bus, checkpoints, definition, pendingDeliveriesMax, signal);
    const subject = subjects.deliveries(definition.name);
    const writer = await createFencedWriter(
      bus,
      { stream: streams.deliveries, subject, pendingMax: unsavedAttemptsMax, confirmed },
      signal,
    );
    const bell = new Bell();
    const deliverer = new Deliverer({ definition, queue, client, writer, bell, confirmed });
    deliverer.delivered = this.#deliverer?.delivered ?? 0;
    this.#queue = queue;
    this.#deliverer = deliverer;
    this.#savedPosition = queue.cursor.sequence;

    const end = new AbortController();
    const running = AbortSignal.any([signal, end.signal]);
    const saveNow = async (within: AbortSignal) => {
      // Asked before the snapshot is taken: attempts recorded by then are in the snapshot, later ones are read again.
      const recordedUpTo = await lastDelivery(bus, definition.name, within);
      const state = queue.snapshot();
      const { unsaved } = deliverer;
      // A state ahead of the records would hide a delivery from the log of deliveries.
      await writer.drained();
      await saveQueue(checkpoints, definition, state, recordedUpTo);
      this.#savedPosition = state.cursor.sequence;
      deliverer.unsaved -= unsaved;
      bell.ring();
    };
    // One at a time, as each has to know what the one before it left. Its failure is told to whoever waited for it.
    let saving: Promise<void> = Promise.resolve();
    const save = (within: AbortSignal) => (saving = saving.catch(() => undefined).then(() => saveNow(within)));
    const saveRegularly = async () => {
      const clock = new Bell();
      for (let saved = queue.changes; !running.aborted;) {
        await clock.next(running, saveEveryMs);
        if (queue.changes === saved || running.aborted) continue;
        saved = queue.changes;
        await save(running);
      }
    };
    const closeLate = () => setTimeout(() => writer.close(), stopWithinMs).unref();
    running.addEventListener('abort', closeLate, { once: true });
    const tasks = [takeAlerts({ bus, log, definition, queue, bell }, running), saveRegularly()];
    const delivering = deliverer.run(running);
    try {
      const first = Promise.race([delivering, ...tasks.map((task) => task.then(() => delivering)), writer.failed]);
      if ((await first) === 'gone') {
        end.abort();
        await saving.catch(() => undefined);
        await forgetState(checkpoints, definition.name);
        await onGone();
      } else await save(AbortSignal.timeout(stopWithinMs));
    } finally {
      end.abort();
      await Promise.allSettled([...tasks, delivering]);
      writer.close();
    }
  }
}
