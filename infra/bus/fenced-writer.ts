import { randomUUID } from 'node:crypto';
import { headers, NatsError } from 'nats';
import { upToHeader } from '../../events/subjects.ts';
import { MillraceError } from '../errors.ts';
import { requestTimeoutMs, type Bus } from './connection.ts';
import { parseUpTo, type FencedQueue, type UpTo } from './fenced-queue.ts';
import { FencedSubject, type FencedPublish } from './fenced-subject.ts';
import { apiErrorOf, apiErrors, isFull, isTransient, unavailable } from './jetstream-errors.ts';
import { pause, retryDelayMs } from './retry.ts';
import { lastMessage, type StreamMessage } from './stream-message.ts';

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

const writerHeader = 'Millrace-Writer';

/** Reads where the subject stands and takes it over. The writer before it will be refused at its next publish. */
export async function createFencedWriter(
  bus: Bus,
  options: FencedWriterOptions,
  signal?: AbortSignal,
): Promise<FencedWriter> {
  const last = await lastMessage(bus, options.stream, options.subject, signal);
  return new JetStreamFencedWriter(bus, options, last, parseUpTo(last?.header(upToHeader)));
}

class JetStreamFencedWriter implements FencedWriter {
  readonly upTo: UpTo | null;
  readonly failed: Promise<never>;
  readonly #bus: Bus;
  readonly #options: FencedWriterOptions;
  readonly #subject: FencedSubject;
  readonly #queue: FencedQueue;
  readonly #closing = new AbortController();
  #reject: (error: Error) => void = () => {};
  #publishing = false;
  #waiters: { readonly done: () => boolean; readonly resolve: () => void }[] = [];

  constructor(bus: Bus, options: FencedWriterOptions, last: StreamMessage | null, upTo: UpTo | null) {
    this.#bus = bus;
    this.#options = options;
    this.upTo = upTo;
    this.#subject = new FencedSubject(randomUUID(), last, upTo);
    this.#queue = this.#subject.queue;
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
        const publish = this.#subject.next();
        if (publish === null) return;
        this.#subject.stored(publish, await this.#publish(publish));
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
  async #publish(publish: FencedPublish): Promise<number> {
    const { signal } = this.#closing;
    for (let attempt = 1; ; attempt++) {
      await this.#bus.whenConnected(signal);
      signal.throwIfAborted();
      try {
        return await this.#tryPublish(publish);
      } catch (error) {
        const refused = apiErrorOf(error) === apiErrors.wrongLastSequence;
        if (!refused && !isFull(error) && !isTransient(error))
          throw unavailable(`${this.#options.subject} refuses outputs`, error);
        const stored = await this.#ownSequence(publish);
        if (stored !== null) return stored;
      }
      await pause(retryDelayMs(attempt), signal);
    }
  }

  async #tryPublish({ batch, upTo, writer, expected }: FencedPublish): Promise<number> {
    const values = headers();
    values.append(upToHeader, upTo);
    values.append(writerHeader, writer);
    const { seq } = await this.#bus.jetstream.publish(this.#options.subject, batch.data, {
      headers: values,
      timeout: requestTimeoutMs,
      expect: { streamName: this.#options.stream, lastSubjectSequence: expected },
    });
    return seq;
  }

  /** After a refusal or an unclear answer. @returns its sequence when it is stored, null: publish again. */
  async #ownSequence(publish: FencedPublish): Promise<number | null> {
    const { stream, subject } = this.#options;
    const last = await lastMessage(this.#bus, stream, subject, this.#closing.signal);
    const upTo = last?.header(upToHeader);
    const seen = last && { sequence: last.sequence, upTo, writer: last.header(writerHeader) };
    const verdict = this.#subject.verdict(publish, seen);
    if (verdict === 'again') return null;
    if (verdict === 'stored') return last!.sequence;
    throw new MillraceError(
      'FENCED',
      `${subject} holds outputs of another writer up to ${upTo ?? 'nothing'}; this one stops.`,
      { cause: new NatsError('wrong last sequence', String(apiErrors.wrongLastSequence)) },
    );
  }
}
