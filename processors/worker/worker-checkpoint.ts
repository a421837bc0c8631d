import { Packr } from 'msgpackr';
import { MillraceError } from '../../infra/errors.ts';

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
}

/** Raised when the meaning of a checkpoint changes. */
const format = 1;

const packr = new Packr({ useRecords: false, moreTypes: true, int64AsType: 'number' });

export const checkpointName = (partition: number) => `worker.${partition}`;

export function encodeCheckpoint(checkpoint: WorkerCheckpoint): Uint8Array {
  return packr.pack({ format, ...checkpoint });
}

/** @throws CHECKPOINT_UNREADABLE */
export function decodeCheckpoint(name: string, bytes: Uint8Array): WorkerCheckpoint {
  let value: (WorkerCheckpoint & { readonly format?: unknown }) | null;
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
