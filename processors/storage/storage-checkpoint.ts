import { Packr } from 'msgpackr';
import { MillraceError } from '../../infra/errors.ts';
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

/** Raised when the meaning of a checkpoint changes. */
const format = 1;

const packr = new Packr({ useRecords: false, moreTypes: true, int64AsType: 'number' });

export const checkpointName = (partition: number) => `storage.${partition}`;

export function encodeCheckpoint(checkpoint: StorageCheckpoint): Uint8Array {
  return packr.pack({ format, ...checkpoint });
}

/** @throws CHECKPOINT_UNREADABLE */
export function decodeCheckpoint(name: string, bytes: Uint8Array): StorageCheckpoint {
  let value: (StorageCheckpoint & { readonly format?: unknown }) | null;
  try {
    value = packr.unpack(bytes) as typeof value;
  } catch (cause) {
    throw new MillraceError('CHECKPOINT_UNREADABLE', `Checkpoint ${name} is damaged.`, { cause });
  }
  if (value?.format !== format)
    throw new MillraceError(
      'CHECKPOINT_UNREADABLE',
      `Checkpoint ${name} has format ${String(value?.format)}; this version reads ${format}.`,
    );
  return value;
}
