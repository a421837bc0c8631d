import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Step } from '../step.ts';

/** What of a step a replay writes and counts. */
export type Replayed = Pick<
  Step,
  'nowUs' | 'readings' | 'duplicates' | 'quarantined' | 'late' | 'windows' | 'transitions' | 'derived'
>;

export interface TakenByLane {
  /** Null for a batch that was read before. */
  readonly step: Replayed | null;
  /** Batches that never came. */
  readonly missing: number;
  /** It is the first of its partition, and there were others before it that the log no longer holds. */
  readonly pastMissing: boolean;
  /** A state was rebuilt from a stretch of which messages are gone: results that are marked for it were not so before. */
  readonly rebuiltInPart: boolean;
}

/** The core of a worker, of a partition or of the fleet, with what it has to be given. */
export interface LaneReader {
  /** As a reader of the log and as notes call it. */
  readonly subject: string;
  readonly title: string;
  /** Stream sequence of the last message in its state; 0 without state. */
  readonly position: number;
  /** In force; null before the first message. */
  readonly config: ProcessingConfig | null;
  /** Messages are missing before the next one. */
  gap(from: number, to: number): void;
  take(message: StreamMessage): Promise<TakenByLane>;
}

/** Whether a partition's log begins with the message: before the first configuration there is nothing. */
export function beginsLog(sequence: number, records: Step['records']): boolean {
  return sequence === 1 || records.some((record) => record.kind === 'control' && record.previous === null);
}
