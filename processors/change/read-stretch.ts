import { streams } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import type { LogMessage } from '../step.ts';
import { readBatch, type StoredBatch } from '../worker/log-batch.ts';
import { Producers } from '../worker/producers.ts';

export interface Stretch {
  /** Of the log: one partition, or all of them. */
  readonly subject: string;
  /** The first message to read, and the first that is not. */
  readonly from: number;
  readonly until: number;
  readonly signal: AbortSignal;
}

/** A message of a stretch that a rebuild reads. */
export interface StretchMessage extends LogMessage {
  /** Batches of its producer before it that never came, since another one of it in the stretch. */
  readonly missing: number;
  /** The log's clock at the message before it, us; 0 before the first. */
  readonly sinceUs: number;
}

/**
 * A stretch of the log without what is there again.
 * @param onGap messages of it are gone. @throws LOG_FORMAT
 */
export async function* readStretch(
  bus: Bus,
  { subject, from, until, signal }: Stretch,
  onGap: (from: number, to: number) => void,
): AsyncGenerator<StretchMessage, void, void> {
  const reader = new StretchReader();
  for await (const message of readRange(bus, { stream: streams.log, subject, from, until, signal, onGap })) {
    const read = reader.read(message);
    if (read !== null) yield read;
  }
}

/** What of a stretch's messages is read, one after the other. Pure. */
export class StretchReader {
  readonly #producers = new Map<string, Producers>();
  #nowUs = 0;

  /** Null for a batch that is there again. @throws LOG_FORMAT */
  read(message: StoredBatch & { readonly timeUs: number }): StretchMessage | null {
    const { subject, sequence, timeUs: nowUs } = message;
    const own = this.#producers.get(subject) ?? new Producers();
    this.#producers.set(subject, own);
    const { records, repeated, missing } = readBatch(message, own);
    const sinceUs = this.#nowUs;
    this.#nowUs = nowUs;
    const partition = Number(subject.slice(subject.lastIndexOf('.') + 1));
    return repeated ? null : { partition, sequence, nowUs, records, missing, sinceUs };
  }
}
