import type { FoundGap } from '../gaps/gap-book.ts';
import { checkpointCodec } from '../checkpoint-codec.ts';

/** Where a worker stands: everything it needs to go on as if it had never stopped. */
export interface WorkerCheckpoint {
  /** Stream sequence of the last message in it. */
  readonly position: number;
  /** The log's clock at that message, us. */
  readonly nowUs: number;
  /** `Producers.snapshot()`. */
  readonly producers: readonly (readonly [string, number])[];
  readonly configVersion: number;
  /** `Pipeline.snapshot()`. */
  readonly pipeline: unknown;
  /** Gaps behind which only repeats were taken so far; absent without. */
  readonly gaps?: readonly FoundGap[];
}

export const checkpointName = (partition: number) => `worker.${partition}`;

export const checkpointFormat = checkpointCodec<WorkerCheckpoint>(1);
