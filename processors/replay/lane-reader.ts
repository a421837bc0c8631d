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
  /** There were others before it that the log no longer holds: what the state is of lacks them. */
  readonly pastMissing: boolean;
  /** A state was rebuilt from a stretch of which messages are gone: results that are marked for it were not so before. */
  readonly rebuiltInPart: boolean;
}

/** The core of a worker, of a partition or of the fleet, with what it has to be given. */
export interface LaneReader {
  /** What it reads of the log, and where the results of its worker are in WINDOWS. */
  readonly subject: string;
  readonly results: string;
  /** As notes call it. */
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

/**
 * The batches of a producer before its first one here are no longer in the log, if they are after the state's. That they
 * never came would show in the same way.
 */
export class FirstBatches {
  readonly #producers = new Set<string>();

  lack({ producer, missing }: { readonly producer: string; readonly missing: number }): boolean {
    const isFirst = !this.#producers.has(producer);
    this.#producers.add(producer);
    return isFirst && missing > 0;
  }
}
