import { decodeRecords, recordFormatVersion } from '../../events/record-codec.ts';
import type { LogRecord } from '../../events/record.ts';
import { logHeaders } from '../../events/subjects.ts';
import { MillraceError } from '../../infra/errors.ts';
import type { Producers } from './producers.ts';

/** What of a message of the log its batch is read from. */
export interface StoredBatch {
  readonly subject: string;
  /** Stream sequence. */
  readonly sequence: number;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
}

/** A message of the log as its reader takes it: records to process, or a repeat that was processed before. */
export interface LogBatch {
  readonly records: readonly LogRecord[];
  readonly repeated: boolean;
  /** Batches of the same producer before this one that never came. */
  readonly missing: number;
  readonly producer: string;
  readonly producerSequence: number;
}

/** Looks at the message and notes its batch. @throws LOG_FORMAT */
export function readBatch(message: StoredBatch, producers: Producers): LogBatch {
  const batch = lookAtBatch(message, producers);
  if (!batch.repeated) producers.note(batch.producer, batch.producerSequence);
  return batch;
}

/**
 * Holds the message against the producers, which it leaves as they are.
 * @throws LOG_FORMAT when the message is of a format this version does not know.
 */
export function lookAtBatch(message: StoredBatch, producers: Producers): LogBatch {
  const format = message.header(logHeaders.format);
  if (format !== String(recordFormatVersion))
    throw new MillraceError(
      'LOG_FORMAT',
      `Message ${message.sequence} of ${message.subject} has format ${format ?? 'none'}; this version reads ${recordFormatVersion}.`,
    );
  const producer = message.header(logHeaders.producer) ?? '';
  const producerSequence = Number(message.header(logHeaders.producerSequence));
  const verdict = producers.look(producer, producerSequence);
  if (verdict.kind === 'repeat') return { records: [], repeated: true, missing: 0, producer, producerSequence };
  const missing = verdict.kind === 'gap' ? verdict.missing : 0;
  try {
    return { records: decodeRecords(message.data), repeated: false, missing, producer, producerSequence };
  } catch (cause) {
    throw new MillraceError('LOG_FORMAT', `Message ${message.sequence} of ${message.subject} cannot be decoded.`, {
      cause,
    });
  }
}
