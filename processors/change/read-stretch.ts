import { streams } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import type { LogMessage } from '../step.ts';
import { readBatch } from '../worker/log-batch.ts';
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
  const producers = new Map<string, Producers>();
  for await (const message of readRange(bus, { stream: streams.log, subject, from, until, signal, onGap })) {
    const own = producers.get(message.subject) ?? new Producers();
    producers.set(message.subject, own);
    const { records, repeated, missing } = readBatch(message, own);
    if (repeated) continue;
    const partition = Number(message.subject.slice(message.subject.lastIndexOf('.') + 1));
    yield { partition, sequence: message.sequence, nowUs: message.timeUs, records, missing };
  }
}
