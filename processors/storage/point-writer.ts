import { Bell } from '../bell.ts';
import type { InfluxStore } from './influx-store.ts';
import { PendingPoints, type AnsweredMessage, type Point } from './pending-points.ts';

/** Points of one write. */
export const batchPointsMax = 4_000;
/** Characters of their lines. */
const batchCharactersMax = 4 * 2 ** 20;
/** How long a point waits for others to be written with. */
const lingerMs = 200;
/** Points held; at it reading pauses. One batch is being written, one waits. */
export const heldPointsMax = 1.5 * batchPointsMax;
/** Bytes of the log's messages held, and characters of the lines made of them. */
const heldBytesMax = 8 * 2 ** 20;
/** Messages held, those without points included. */
const heldMessagesMax = 20_000;

export interface PointWriterOptions<M, T> {
  readonly store: InfluxStore;
  /** Awaited before each request to InfluxDB, see `Lease`. */
  readonly confirmed?: (() => Promise<void>) | undefined;
  /** InfluxDB has answered for a point: it is stored, or refused for the reason given. */
  readonly onAnswer: (source: T, refusal: string | null) => void;
  /** All points of a message and of those before it are answered. */
  readonly onFinished: (finished: AnsweredMessage<M, T>) => void;
}

/**
 * Writes points to InfluxDB in order, one batch at a time, each answered before the next. What it holds is bounded:
 * its user adds a message only after `room()`.
 */
export class PointWriter<M extends { readonly bytes: number }, T> {
  readonly #options: PointWriterOptions<M, T>;
  readonly #pending = new PendingPoints<M, T>();
  readonly #bell = new Bell();
  #messageBytes = 0;
  /** Since when the oldest point waits to be written, ms. */
  #waitsSinceMs = 0;
  #draining = false;

  constructor(options: PointWriterOptions<M, T>) {
    this.#options = options;
  }

  /** Messages not finished. */
  get held(): number {
    return this.#pending.messages;
  }

  get full(): boolean {
    const { points, characters, messages } = this.#pending;
    return points >= heldPointsMax || messages >= heldMessagesMax || characters + this.#messageBytes >= heldBytesMax;
  }

  add(message: M, points: readonly Point<T>[]): void {
    if (this.#pending.points === 0) this.#waitsSinceMs = performance.now();
    this.#pending.add(message, points);
    this.#messageBytes += message.bytes;
    this.#bell.ring();
  }

  /** Resolves when there is room for a message, or the signal is aborted. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.full && !signal.aborted) await this.#bell.next(signal);
  }

  /** Resolves when every message added is finished, without lingering, or the signal is aborted. */
  async drained(signal: AbortSignal): Promise<void> {
    this.#draining = true;
    this.#bell.ring();
    while (this.#pending.messages > 0 && !signal.aborted) await this.#bell.next(signal);
    this.#draining = false;
  }

  /** Writes until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, onAnswer, confirmed } = this.#options;
    while (!signal.aborted) {
      this.#finish();
      const lingersMs = this.#waitsSinceMs + lingerMs - performance.now();
      const { points } = this.#pending;
      if (points === 0 || (points < batchPointsMax && !this.#draining && lingersMs > 0)) {
        await this.#bell.next(signal, points === 0 ? undefined : lingersMs);
        continue;
      }
      const batch = this.#pending.batch(batchPointsMax, batchCharactersMax)!;
      const lines = batch.points.map((point) => point.line);
      const refusals = await store.write(batch.policy, lines, signal, confirmed);
      const refused = new Map(refusals.map(({ index, detail }) => [index, detail]));
      for (const [index, { source }] of batch.points.entries()) onAnswer(source, refused.get(index) ?? null);
      this.#pending.answer(refusals);
      this.#waitsSinceMs = performance.now();
    }
  }

  #finish(): void {
    const finished = this.#pending.finished();
    if (finished.length === 0) return;
    for (const one of finished) {
      this.#messageBytes -= one.message.bytes;
      this.#options.onFinished(one);
    }
    this.#bell.ring();
  }
}
