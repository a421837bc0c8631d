import { checkpointCodec } from '../checkpoint-codec.ts';
import type { LedgerBookState } from './ledger-book.ts';

/** Where the storage of a partition stands: every reading up to `position` is answered for by InfluxDB. */
export interface StorageCheckpoint {
  readonly position: number;
  /** The log's clock at that message, us. */
  readonly nowUs: number;
  readonly producers: readonly (readonly [string, number])[];
  readonly configVersion: number;
  /** `Intake.snapshot()`. */
  readonly intake: unknown;
  readonly ledger: LedgerBookState;
}

export const checkpointName = (partition: number) => `storage.${partition}`;

export const checkpointFormat = checkpointCodec<StorageCheckpoint>(1);
