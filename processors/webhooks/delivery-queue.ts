import type { Delivery } from '../../events/delivery.ts';
import type { NotifiedTransition } from './cloudevent.ts';

/** A delivery that is not finished. */
export interface PendingDelivery {
  readonly transition: NotifiedTransition;
  /** Attempts made. */
  readonly attempts: number;
  /** When the next is due, epoch us. */
  readonly dueUs: number;
  /** When it becomes a dead letter, whatever it waited for. */
  readonly expiresUs: number;
}

/** Up to where ALERTS was taken over: all messages up to `sequence`, and `items` of the message after it. */
export interface Cursor {
  readonly sequence: number;
  readonly items: number;
}

export interface DeliveryQueueState {
  readonly cursor: Cursor;
  readonly pending: readonly PendingDelivery[];
}

interface Entry extends PendingDelivery {
  attempts: number;
  dueUs: number;
  inFlight: boolean;
}

/**
 * What one webhook has yet to deliver: a cursor over ALERTS and a bounded set of pending deliveries.
 *
 *   taken -> waiting -> in flight -> delivered | dead letter
 *               ^----------'  (retry)
 *
 * Deliveries of one alert (rule, device, field) keep their order: only the oldest can be in flight. When the set is
 * full, the cursor waits. Pure: the caller says what time it is.
 */
export class DeliveryQueue {
  readonly #pendingMax: number;
  readonly #entries = new Map<string, Entry>();
  /** The alert's entries, oldest first. */
  readonly #alerts = new Map<string, Entry[]>();
  /** Outcomes recorded since the state was saved, for transitions that are not pending in it. As many as `recorded` told. */
  readonly #recorded = new Map<string, Delivery>();
  #cursor: Cursor;
  #changes = 0;

  constructor(pendingMax: number, state: DeliveryQueueState) {
    this.#pendingMax = pendingMax;
    this.#cursor = state.cursor;
    for (const pending of state.pending) this.#add({ ...pending, inFlight: false });
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Counts up with every change of the state. */
  get changes(): number {
    return this.#changes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get full(): boolean {
    return this.#entries.size >= this.#pendingMax;
  }

  /**
   * Takes the next item of the message after the cursor. Call it only when not full.
   * @param transition null for an item that this webhook is not told about
   */
  take(transition: NotifiedTransition | null, nowUs: number, lifeUs: number): void {
    this.#changes++;
    this.#cursor = { sequence: this.#cursor.sequence, items: this.#cursor.items + 1 };
    if (transition === null || this.#entries.has(transition.id)) return;
    const recorded = this.#recorded.get(transition.id);
    this.#recorded.delete(transition.id);
    if (recorded !== undefined && recorded.outcome !== 'retry') return;
    this.#add({
      transition,
      attempts: recorded?.attempt ?? 0,
      dueUs: recorded?.nextAttemptAtUs ?? nowUs,
      expiresUs: nowUs + lifeUs,
      inFlight: false,
    });
  }

  /** The message with this sequence is taken over completely. */
  passed(sequence: number): void {
    this.#changes++;
    this.#cursor = { sequence, items: 0 };
  }

  /** Applies an attempt that DELIVERIES says was made, perhaps after the state was saved. */
  recorded(delivery: Delivery): void {
    const entry = this.#entries.get(delivery.id);
    if (entry === undefined) this.#recorded.set(delivery.id, delivery);
    else if (delivery.outcome !== 'retry') this.#remove(entry);
    else if (delivery.attempt > entry.attempts) {
      entry.attempts = delivery.attempt;
      entry.dueUs = delivery.nextAttemptAtUs ?? entry.dueUs;
    }
  }

  /** Deliveries to attempt now, at most `max`: they are in flight until `retry` or `finish`. */
  start(nowUs: number, max: number): PendingDelivery[] {
    const started: PendingDelivery[] = [];
    for (const [entry] of this.#alerts.values()) {
      if (started.length >= max) break;
      if (entry === undefined || entry.inFlight || entry.dueUs > nowUs) continue;
      entry.inFlight = true;
      started.push({ ...entry });
    }
    return started;
  }

  /** When `start` can next give something, or `expired`; null if nothing waits. */
  nextUs(): number | null {
    let next: number | null = null;
    for (const [entry] of this.#alerts.values()) {
      if (entry === undefined || entry.inFlight) continue;
      const atUs = Math.min(entry.dueUs, entry.expiresUs);
      if (next === null || atUs < next) next = atUs;
    }
    return next;
  }

  /** The attempt failed; another is due at `dueUs`. */
  retry(id: string, dueUs: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#changes++;
    entry.attempts++;
    entry.dueUs = dueUs;
    entry.inFlight = false;
  }

  /** Delivered, or a dead letter. */
  finish(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#remove(entry);
  }

  /** Takes out what has waited too long, behind a dead endpoint or an older delivery of its alert. */
  expired(nowUs: number): PendingDelivery[] {
    const found = [...this.#entries.values()].filter((entry) => !entry.inFlight && entry.expiresUs <= nowUs);
    for (const entry of found) this.#remove(entry);
    return found;
  }

  /** Takes out everything that is not in flight. */
  clear(): PendingDelivery[] {
    const found = [...this.#entries.values()].filter((entry) => !entry.inFlight);
    for (const entry of found) this.#remove(entry);
    return found;
  }

  /** What is in flight is saved as due: whether it arrived is in DELIVERIES, or nobody knows. */
  snapshot(): DeliveryQueueState {
    const pending = Array.from(this.#entries.values(), ({ inFlight: _, ...entry }) => entry);
    return { cursor: this.#cursor, pending };
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.transition.id, entry);
    const alert = alertOf(entry);
    const entries = this.#alerts.get(alert);
    if (entries === undefined) this.#alerts.set(alert, [entry]);
    else entries.push(entry);
  }

  #remove(entry: Entry): void {
    this.#changes++;
    this.#entries.delete(entry.transition.id);
    const alert = alertOf(entry);
    const entries = this.#alerts.get(alert)!.filter((one) => one !== entry);
    if (entries.length === 0) this.#alerts.delete(alert);
    else this.#alerts.set(alert, entries);
  }
}

function alertOf({ transition: { rule, key, field } }: PendingDelivery): string {
  return JSON.stringify([rule, key, field]);
}
