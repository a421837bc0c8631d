import { Packr } from 'msgpackr';
import { MillraceError } from '../infra/errors.ts';

/** Records: the names of a row's parts are written once, not with each of 100,000 devices. */
const packr = new Packr({ useRecords: true, moreTypes: true, structuredClone: true, int64AsType: 'number' });

/** How one kind of checkpoint is kept: MessagePack, with the number of its format. */
export interface CheckpointCodec<Checkpoint extends object> {
  encode(checkpoint: Checkpoint): Uint8Array;
  /** @param name names it in an error. @throws CHECKPOINT_UNREADABLE */
  decode(name: string, bytes: Uint8Array): Checkpoint;
}

/** @param format raised when the meaning of the checkpoint changes */
export function checkpointCodec<Checkpoint extends object>(format: number): CheckpointCodec<Checkpoint> {
  return {
    encode: (checkpoint) => packr.pack({ format, ...checkpoint }),
    decode(name, bytes) {
      let value: (Checkpoint & { readonly format?: unknown }) | null;
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
    },
  };
}
