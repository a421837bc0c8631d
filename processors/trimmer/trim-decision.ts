import type { StreamExtent } from '../../infra/bus/streams.ts';

/** The part of a stream's extent that decides. */
export type Extent = Pick<StreamExtent, 'firstSequence' | 'lastSequence' | 'bytes' | 'messages'>;

/** Why messages are wanted gone. Both are first sequences to keep; the greater one counts. */
export interface Wish {
  /** Bytes to keep. */
  readonly keepBytes: number;
  /** The first message young enough to keep; 1 when age does not count. */
  readonly keepFrom: number;
}

/**
 * The first sequence to keep, wished for without regard to readers: the newest `keepBytes`. Sizes of single messages are
 * not known, so the mean decides how many those are. Older messages that some reader holds do not count against them.
 */
export function wishedFirst(extent: Extent, { keepBytes, keepFrom }: Wish): number {
  if (extent.bytes <= keepBytes || extent.messages === 0) return keepFrom;
  const meanBytes = extent.bytes / extent.messages;
  return Math.max(keepFrom, extent.lastSequence - Math.floor(keepBytes / meanBytes) + 1);
}

/** Bytes that some reader still needs, by the mean size of a message. */
export function unreadBytes(extent: Extent, positions: readonly number[]): number {
  if (extent.messages === 0) return 0;
  const from = Math.max(Math.min(extent.lastSequence, ...positions) + 1, extent.firstSequence);
  return Math.round((extent.bytes / extent.messages) * (extent.lastSequence - from + 1));
}

/**
 * The sequence before which messages are purged; null when nothing is. Never beyond what the slowest reader has
 * processed and saved: even the message it stands at stays, so that a stream that begins after a reader's position
 * means that something was taken from it. And never the last message: its header says where a fenced subject stands.
 */
export function purgeTarget(
  wished: number,
  positions: readonly number[],
  firstSequence: number,
  lastSequence: number,
): number | null {
  const target = Math.min(wished, lastSequence, ...positions);
  return target > firstSequence ? target : null;
}
