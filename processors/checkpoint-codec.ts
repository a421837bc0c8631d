import { Packr } from 'msgpackr';
import { MillraceError } from '../infra/errors.ts';

/** Records: the names of a row's parts are written once, not with each of 100,000 devices. */
const packr = new Packr({ useRecords: true, moreTypes: true, structuredClone: true, int64AsType: 'number' });

/**
 * Where a run's checkpoints are encoded, one after the other: each as long as those before it needs no new memory,
 * which the collector would answer by going through all that lives.
 */
export class EncodingRoom {
  bytes = Buffer.allocUnsafeSlow(8_192);
}

/** A state that has grown by less finds room. */
const roomShare = 1.125;

/** How one kind of checkpoint is kept: MessagePack, with the number of its format. */
export interface CheckpointCodec<Checkpoint extends object> {
  /** @param room in it the bytes are as they are until the next is encoded there */
  encode(checkpoint: Checkpoint, room?: EncodingRoom): Uint8Array;
  /** @param name names it in an error. @throws CHECKPOINT_UNREADABLE */
  decode(name: string, bytes: Uint8Array): Checkpoint;
}

/** @param format raised when the meaning of the checkpoint changes */
export function checkpointCodec<Checkpoint extends object>(format: number): CheckpointCodec<Checkpoint> {
  return {
    encode(checkpoint, room) {
      const value = { format, ...checkpoint };
      if (room === undefined) return packr.pack(value);
      packr.useBuffer(room.bytes);
      const bytes = packr.pack(value);
      // What is packed next by anybody lies behind this, and not in the room.
      packr.useBuffer(Buffer.allocUnsafeSlow(8_192));
      if (bytes.buffer !== room.bytes.buffer) room.bytes = Buffer.allocUnsafeSlow(Math.ceil(bytes.length * roomShare));
      return bytes;
    },
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
