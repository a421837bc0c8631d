import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Quarantined } from '../../events/quarantine.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { createFencedWriter, type FencedWriter } from '../../infra/bus/fenced-writer.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import type { Arrival } from '../step.ts';
import { checkpointIsDue } from '../checkpoint-due.ts';
import type { InfluxStore } from './influx-store.ts';
import type { LedgerBook } from './ledger-book.ts';
import { PointWriter } from './point-writer.ts';
import { countAnswer, quarantinedOf } from './reading-points.ts';
import { checkpointFormat, checkpointName } from './storage-checkpoint.ts';
import { StorageIntake, type ErasedSeries } from './storage-intake.ts';

/** While no message comes, what was read last is saved too: the log is kept from the saved position on. */
const restingSaveEveryMs = 1_000;
/** Messages that are there already are taken without a pause; others get their turn so often. */
const turnMaxMs = 10;
/** How long a stop waits for InfluxDB and NATS; without a last checkpoint the next start goes over a little more. */
const stopWithinMs = 3_000;
const quarantinePendingMax = 10_000;

export interface ReadingsContext {
  readonly bus: Bus;
  readonly partition: number;
  readonly partitions: number;
  readonly checkpoints: Checkpoints;
  readonly store: InfluxStore;
  /** Of the lease it runs under: awaited before anything is written. */
  readonly confirmed?: (() => Promise<void>) | undefined;
  /** Messages of the log were trimmed before they were stored. */
  readonly onGap: (from: number, to: number) => void;
  /** InfluxDB does not delete what it has of a device. */
  readonly onNotErased: (key: string, why: string) => void;
}

/** A message that was read, until InfluxDB has answered for it. */
interface Held {
  readonly sequence: number;
  readonly nowUs: number;
  readonly bytes: number;
  readonly quarantined: readonly Quarantined[];
}

/**
 * Stores one partition's readings. The position moves when InfluxDB has answered and what it refused is on its way to
 * quarantine. A checkpoint is taken at a moment when nothing is in flight: reading waits until all that was read is
 * answered, so that state, ledger and position speak of the same readings.
 */
export class ReadingsRun {
  readonly #context: ReadingsContext;
  readonly #intake: StorageIntake;
  readonly #writer: PointWriter<Held, Arrival>;
  /** Rejects with what ends the run. */
  readonly #failed = Promise.withResolvers<never>();
  #quarantine: FencedWriter | null = null;
  #read = 0;
  /** Messages of the log behind the last one read. */
  #unread = 0;
  #answered = 0;
  #answeredAtUs = 0;
  #saved = 0;
  #saving: Promise<void> | null = null;
  /** A message is half taken: its producer is noted, its configuration perhaps still on its way. No state then. */
  #taking = false;
  #savedAtMs = performance.now();
  #tookMs = 0;
  #readingsSinceSave = 0;

  constructor(context: ReadingsContext) {
    this.#context = context;
    this.#intake = new StorageIntake(context);
    this.#failed.promise.catch(() => {
      // Seen by whoever races with it; a run that has ended has nobody.
    });
    this.#writer = new PointWriter({
      store: context.store,
      confirmed: context.confirmed,
      onAnswer: (arrival, refusal) => countAnswer(arrival, refusal, this.#intake.ledger),
      onFinished: ({ message, refused }) => {
        this.#quarantine!.write(message.sequence, quarantinedOf(message.quarantined, refused));
        this.#answered = message.sequence;
        this.#answeredAtUs = message.nowUs;
      },
    });
  }

  get ledger(): LedgerBook {
    return this.#intake.ledger;
  }

  /** Every reading up to this sequence is answered. */
  get position(): number {
    return this.#answered;
  }

  /** What a crash would go back to. */
  get savedPosition(): number {
    return this.#saved;
  }

  /** How far what is stored is behind the log's end, ms. */
  lagMs(nowMs: number): number {
    if (this.#unread === 0 && this.#writer.held === 0) return 0;
    return Math.max(0, Math.round(nowMs - this.#answeredAtUs / 1000));
  }

  /** Takes up the last checkpoint. Call it first. */
  async restore(): Promise<void> {
    const name = checkpointName(this.#context.partition);
    const bytes = await this.#context.checkpoints.load(name);
    if (bytes === null) return;
    const saved = checkpointFormat.decode(name, bytes);
    await this.#intake.restore(saved);
    this.#read = this.#answered = this.#saved = saved.position;
    this.#answeredAtUs = saved.nowUs;
  }

  /** Runs from where it was restored until the signal is aborted. Call it once. */
  async run(signal: AbortSignal): Promise<void> {
    const { bus, partition, confirmed } = this.#context;
    const subject = subjects.quarantineStorage(partition);
    const options = { stream: streams.quarantine, subject, pendingMax: quarantinePendingMax, confirmed };
    const quarantine = await createFencedWriter(bus, options, signal);
    this.#quarantine = quarantine;
    quarantine.failed.catch(this.#failed.reject);
    // Without NATS what waits for it would hold up a stop.
    const closeLate = () => void setTimeout(() => quarantine.close(), stopWithinMs).unref();
    signal.addEventListener('abort', closeLate);
    const end = new AbortController();
    const written = this.#writer.run(end.signal);
    written.catch(this.#failed.reject);
    const followed = this.#follow(AbortSignal.any([signal, end.signal]));
    const resting = setInterval(() => this.#saveAtRest(), restingSaveEveryMs);
    try {
      await Promise.race([followed, this.#failed.promise]);
      await Promise.race([this.#saveLast(), this.#failed.promise]);
    } finally {
      clearInterval(resting);
      end.abort();
      signal.removeEventListener('abort', closeLate);
      quarantine.close();
      await Promise.allSettled([written, followed]);
    }
  }

  /** Reads message after message, in order, until the signal. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { bus, partition, onGap } = this.#context;
    const subject = subjects.log(partition);
    let turnBeganMs = performance.now();
    for await (const message of readStream(bus, { stream: streams.log, subject, after: this.#read, signal, onGap })) {
      this.#taking = true;
      const { points, quarantined, erased } = await this.#intake.take(message);
      if (erased.length > 0) await this.#erase(erased, signal);
      this.#taking = false;
      const { sequence, timeUs: nowUs, data, pending } = message;
      this.#read = sequence;
      this.#unread = pending;
      this.#readingsSinceSave += points.length;
      this.#writer.add({ sequence, nowUs, bytes: data.length, quarantined }, points);
      if (this.#saveIsDue()) await this.#save(signal);
      await this.#writer.room(signal);
      if (this.#quarantine!.full) await this.#quarantine!.room();
      if (signal.aborted) return;
      if (performance.now() - turnBeganMs < turnMaxMs) continue;
      await nextTurn();
      turnBeganMs = performance.now();
    }
  }

  /** What came of these devices so far is there before it is deleted; the position moves behind it only then. */
  async #erase(erased: readonly ErasedSeries[], signal: AbortSignal): Promise<void> {
    const { store, confirmed, onNotErased } = this.#context;
    await this.#writer.drained(signal);
    for (const { key, tags } of erased) {
      signal.throwIfAborted();
      const why = await store.erase('readings', tags, signal, confirmed);
      if (why !== null) onNotErased(key, why);
    }
  }

  #saveIsDue(): boolean {
    if (this.#saving !== null) return false;
    const passedMs = performance.now() - this.#savedAtMs;
    return checkpointIsDue({ tookMs: this.#tookMs, passedMs, readings: this.#readingsSinceSave });
  }

  /** Waits until all that was read is answered, takes the state, and leaves it to be saved while reading goes on. */
  async #save(signal: AbortSignal): Promise<void> {
    await this.#writer.drained(signal);
    if (signal.aborted) return;
    await Promise.race([this.#quarantine!.drained(), this.#failed.promise]);
    this.#saveNow();
  }

  #saveAtRest(): void {
    if (this.#taking || !this.#saveIsDue() || this.#read === this.#saved || this.#read !== this.#answered) return;
    if (this.#writer.held === 0 && this.#quarantine!.pending === 0) this.#saveNow();
  }

  /** The state is taken at once: nothing is in flight. */
  #saveNow(): void {
    if (this.#saving !== null) return;
    const beganMs = performance.now();
    const state = this.#intake.snapshot();
    if (state === null) return;
    const position = this.#answered;
    const bytes = checkpointFormat.encode({ ...state, position, nowUs: this.#answeredAtUs });
    this.#readingsSinceSave = 0;
    this.#saving = this.#context.checkpoints
      .save(checkpointName(this.#context.partition), bytes)
      .then(() => {
        this.#saved = position;
        this.#savedAtMs = performance.now();
        this.#tookMs = this.#savedAtMs - beganMs;
      })
      .catch(this.#failed.reject)
      .finally(() => (this.#saving = null));
  }

  /** Best effort within its time. */
  async #saveLast(): Promise<void> {
    const enough = AbortSignal.timeout(stopWithinMs);
    const timeUp = new Promise<void>((resolve) => enough.addEventListener('abort', () => resolve()));
    const save = async () => {
      await this.#saving;
      if (this.#read !== this.#saved) await this.#save(enough);
      await this.#saving;
    };
    await Promise.race([save(), timeUp]);
  }
}
