import { decodeRecords, recordFormatVersion } from '../../events/record-codec.ts';
import type { LogRecord } from '../../events/record.ts';
import { logHeaders } from '../../events/subjects.ts';
import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import { MillraceError } from '../../infra/errors.ts';
import type { Producers } from './producers.ts';

/** A message of the log as its reader takes it: records to process, or a repeat that was processed before. */
export interface LogBatch {
  readonly records: readonly LogRecord[];
  readonly repeated: boolean;
  /** Batches of the same producer before this one that never came. */
  readonly missing: number;
  readonly producer: string;
}

/** @throws LOG_FORMAT when the message is of a format this version does not know. */
export function readBatch(message: StreamMessage, producers: Producers): LogBatch {
  const format = message.header(logHeaders.format);
  if (format !== String(recordFormatVersion))
    throw new MillraceError(
      'LOG_FORMAT',
      `Message ${message.sequence} of ${message.subject} has format ${format ?? 'none'}; this version reads ${recordFormatVersion}.`,
    );
  const producer = message.header(logHeaders.producer) ?? '';
  const verdict = producers.judge(producer, Number(message.header(logHeaders.producerSequence)));
  if (verdict.kind === 'repeat') return { records: [], repeated: true, missing: 0, producer };
  const missing = verdict.kind === 'gap' ? verdict.missing : 0;
  try {
    return { records: decodeRecords(message.data), repeated: false, missing, producer };
  } catch (cause) {
    throw new MillraceError('LOG_FORMAT', `Message ${message.sequence} of ${message.subject} cannot be decoded.`, {
      cause,
    });
  }
}
