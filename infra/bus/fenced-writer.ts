import { randomUUID } from 'node:crypto';
import { headers, NatsError } from 'nats';
import { upToHeader } from '../../events/subjects.ts';
import { MillraceError } from '../errors.ts';
import { requestTimeoutMs, type Bus } from './connection.ts';
import { FencedQueue, parseUpTo, textOfUpTo, type OutputBatch, type UpTo } from './fenced-queue.ts';
import { apiErrorOf, apiErrors, isFull, isTransient, unavailable } from './jetstream-errors.ts';
import { pause, retryDelayMs } from './retry.ts';
import { lastMessage } from './stream-message.ts';

export interface FencedWriterOptions {
  readonly stream: string;
  readonly subject: string;
  /** Outputs waiting; at it, `full` asks the writer's user to stop until `room()`. */
  readonly pendingMax: number;
}

/** The one writer of a subject. Messages are JSON arrays of outputs, in order, each exactly once. */
export interface FencedWriter {
  /** The last output the subject held when this writer began. */
  readonly upTo: UpTo | null;
  /**
   * Appends the outputs of one log message. Call it for every log message, in order, also without outputs. Those the
   * subject holds already are suppressed: what produces them must give the same items in the same order again.
   * @returns how many of them were suppressed, the first ones.
   */
  write(sequence: number, items: readonly unknown[]): number;
  /** The outputs of every log message up to this one are stored. */
  readonly storedUpTo: number;
  /** Outputs waiting to be stored. */
  readonly pending: number;
  readonly full: boolean;
  /** Resolves when it is not (or no longer) full. Rejects as `failed`. */
  room(): Promise<void>;
  /** Resolves when all that was written before the call is stored. Rejects as `failed`. */
  drained(): Promise<void>;
  /** Never resolves. Rejects with FENCED when somebody else wrote to the subject, or what made the writer give up. */
  readonly failed: Promise<never>;
  /** Stops publishing; what waits stays unwritten. */
  close(): void;
}

/** Distinguishes the messages of one writer from those of another that stands at the same output. */
const writerHeader = 'Millrace-Writer';

/** Reads where the subject stands and takes it over. The writer before it will be refused at its next publish. */
export async function createFencedWriter(
  bus: Bus,
  options: FencedWriterOptions,
  signal?: AbortSignal,
): Promise<FencedWriter> {
  const last = await lastMessage(bus, options.stream, options.subject, signal);
  return new JetStreamFencedWriter(bus, options, last?.sequence ?? 0, parseUpTo(last?.header(upToHeader)));
}

class JetStreamFencedWriter implements FencedWriter {
  readonly upTo: UpTo | null;
  readonly failed: Promise<never>;
  readonly #bus: Bus;
  readonly #options: FencedWriterOptions;
  readonly #queue: FencedQueue;
  readonly #writer = randomUUID();
  readonly #closing = new AbortController();
  #reject: (error: Error) => void = () => {};
  /** Stream sequence of the subject's last message, as this writer knows it. */
  #expected: number;
  #publishing = false;
  #waiters: { readonly done: () => boolean; readonly resolve: () => void }[] = [];

  constructor(bus: Bus, options: FencedWriterOptions, expected: number, upTo: UpTo | null) {
    this.#bus = bus;
    this.#options = options;
    this.#expected = expected;
    this.upTo = upTo;
    this.#queue = new FencedQueue(upTo);
    this.failed = new Promise<never>((_, reject) => (this.#reject = reject));
    // Whoever needs it waits for it; that nobody does yet is no unhandled rejection.
    this.failed.catch(() => {});
  }

  get storedUpTo(): number {
    return this.#queue.storedUpTo;
  }

  get pending(): number {
    return this.#queue.pending;
  }

  get full(): boolean {
    return this.#queue.pending >= this.#options.pendingMax;
  }

  write(sequence: number, items: readonly unknown[]): number {
    const suppressed = this.#queue.push(sequence, items);
    if (!this.#publishing && this.#queue.pending > 0 && !this.#closing.signal.aborted) void this.#publishAll();
    return suppressed;
  }

  room(): Promise<void> {
    return this.#when(() => !this.full);
  }

  drained(): Promise<void> {
    const target = this.#queue.writtenUpTo;
    return this.#when(() => this.#queue.storedUpTo >= target);
  }

  close(): void {
    const closed = new MillraceError('LOG_UNAVAILABLE', `The writer of ${this.#options.subject} was closed.`);
    this.#closing.abort(closed);
    this.#reject(closed);
  }

  #when(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return Promise.race([new Promise<void>((resolve) => this.#waiters.push({ done, resolve })), this.failed]);
  }

  async #publishAll(): Promise<void> {
    this.#publishing = true;
    try {
      for (;;) {
        const batch = this.#queue.next();
        if (batch === null) return;
        this.#expected = await this.#publish(batch);
        this.#queue.stored(batch);
        this.#waiters = this.#waiters.filter(({ done, resolve }) => {
          if (!done()) return true;
          resolve();
          return false;
        });
      }
    } catch (error) {
      this.#closing.abort(error);
      this.#reject(error as Error);
    } finally {
      this.#publishing = false;
    }
  }

  /** One batch until it is stored, exactly once. @returns its stream sequence. */
  async #publish(batch: OutputBatch): Promise<number> {
    const { signal } = this.#closing;
    for (let attempt = 1; ; attempt++) {
      await this.#bus.whenConnected(signal);
      signal.throwIfAborted();
      try {
        return await this.#tryPublish(batch);
      } catch (error) {
        const refused = apiErrorOf(error) === apiErrors.wrongLastSequence;
        if (!refused && !isFull(error) && !isTransient(error))
          throw unavailable(`${this.#options.subject} refuses outputs`, error);
        const stored = await this.#ownSequence(batch);
        if (stored !== null) return stored;
      }
      await pause(retryDelayMs(attempt), signal);
    }
  }

  async #tryPublish(batch: OutputBatch): Promise<number> {
    const values = headers();
    values.append(upToHeader, textOfUpTo(batch.upTo));
    values.append(writerHeader, this.#writer);
    const { seq } = await this.#bus.jetstream.publish(this.#options.subject, batch.data, {
      headers: values,
      timeout: requestTimeoutMs,
      expect: { streamName: this.#options.stream, lastSubjectSequence: this.#expected },
    });
    return seq;
  }

  /**
   * After a refusal or an unclear answer the subject's last message tells: it is this batch (stored, the answer was
   * lost), or still what it was before (null: publish again), or somebody else's.
   */
  async #ownSequence(batch: OutputBatch): Promise<number | null> {
    const { stream, subject } = this.#options;
    const last = await lastMessage(this.#bus, stream, subject, this.#closing.signal);
    if ((last?.sequence ?? 0) === this.#expected) return null;
    if (last?.header(writerHeader) === this.#writer && last.header(upToHeader) === textOfUpTo(batch.upTo))
      return last.sequence;
    throw new MillraceError(
      'FENCED',
      `${subject} holds outputs of another writer up to ${last?.header(upToHeader) ?? 'nothing'}; this one stops.`,
      { cause: new NatsError('wrong last sequence', String(apiErrors.wrongLastSequence)) },
    );
  }
}
