import { decodeRecords } from '../events/record-codec.ts';
import { publishIn, type LogRecord, type PublishRecord } from '../events/record.ts';
import {
  redrivePerRequestMax,
  type RedriveAnswer,
  type RedriveRequest,
  type RedriveTarget,
} from '../events/redrive.ts';
import { streams, subjects } from '../events/subjects.ts';
import type { Bus } from '../infra/bus/connection.ts';
import { serveRequests } from '../infra/bus/core.ts';
import { messageAt } from '../infra/bus/stream-message.ts';
import type { LogWriter } from './log-writer.ts';

export interface RedriveContext {
  readonly bus: Bus;
  readonly writer: Pick<LogWriter, 'append'>;
  readonly partitionFor: (topic: string) => number;
  readonly onError: (error: unknown) => void;
}

/**
 * Answers requests to append records of the log again: as they are, with the mark of what they are there again for.
 * One ingest process answers each, when the log has all of them. One that dies meanwhile answers none: asked again,
 * those that were appended are in the log twice, which processing recognises.
 */
export function serveRedrive(context: RedriveContext): () => void {
  const { bus, onError } = context;
  const answer = async (data: Uint8Array) => {
    const { targets } = JSON.parse(Buffer.from(data).toString()) as RedriveRequest;
    if (targets.length > redrivePerRequestMax)
      throw new RangeError(`a request redrives at most ${redrivePerRequestMax}, not ${targets.length}`);
    const answered: RedriveAnswer = { results: await redrive(context, targets) };
    return Buffer.from(JSON.stringify(answered));
  };
  return serveRequests(bus, subjects.redrive, answer, onError, 'ingest');
}

async function redrive(
  { bus, writer, partitionFor }: RedriveContext,
  targets: readonly RedriveTarget[],
): Promise<RedriveAnswer['results']> {
  const results: ('appended' | 'gone')[] = [];
  const stored: Promise<void>[] = [];
  // Neighbours in quarantine are neighbours in the log: the message just read is often the next one's, too.
  let read = { sequence: 0, records: [] as readonly LogRecord[] };
  for (const target of targets) {
    const { sequence } = target.origin;
    if (read.sequence !== sequence) {
      const message = await messageAt(bus, streams.log, sequence);
      read = { sequence, records: message === null ? [] : decodeRecords(message.data) };
    }
    const record = read.records[target.origin.index];
    const publish = publishIn(record);
    if (publish === null) {
      results.push('gone');
      continue;
    }
    results.push('appended');
    const again = redriven(publish, target);
    // What was passed on from another partition is decoded: it stays where its device is.
    const [partition, wanted]: [number, LogRecord] =
      record?.kind === 'passed'
        ? [target.origin.partition, { ...record, from: null, record: again }]
        : [partitionFor(publish.topic), again];
    stored.push(new Promise((resolve) => writer.append(partition, wanted, () => resolve())));
  }
  await Promise.all(stored);
  return results;
}

/** What was redriven and refused again is there for what its record was there for. */
function redriven(record: PublishRecord, { origin, several, by }: RedriveTarget): PublishRecord {
  const { partition, sequence, index } = record.redriven ?? origin;
  const part = several ? (origin.part ?? 0) : (record.redriven?.part ?? null);
  return { ...record, redriven: { partition, sequence, index, part, by } };
}
