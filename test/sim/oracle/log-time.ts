import type { LogRecord } from '../../../events/record.ts';
import type { VirtualLog, VirtualMessage } from '../virtual/log.ts';

/** A message that counts, with where the log's time stands at it. */
export interface Moment {
  readonly sequence: number;
  readonly nowUs: number;
  readonly elapsedUs: number;
  readonly records: readonly LogRecord[];
  /** The configuration in force at it, index in `Plan.configs`. */
  readonly config: number;
  readonly isControl: boolean;
  /** Edited parts keep their state. */
  readonly keeps: boolean;
  /** The first message of the stretch that edited and new parts are rebuilt from; null: they are not. */
  readonly rebuildsFrom: number | null;
  /** Batches before it never arrived: the log's clock at the message before, and here. */
  readonly gap: { readonly sinceUs: number; readonly untilUs: number } | null;
}

const secondUs = 1e6;

/**
 * The messages of a partition without those that were read before, and time: between two messages as much passes as
 * the log's clock says, at least 0 and at most 2 s, and never more than 2 s after the last tick. Control messages
 * stand outside of time. Of all partitions (`isFleet`) it is the same with the messages in the order of the stream; the
 * configuration is then that of partition 0.
 */
export function momentsOf(
  messages: readonly VirtualMessage[],
  isFleet = false,
  removed: VirtualLog['removed'] = null,
): Moment[] {
  const moments: Moment[] = [];
  let config = 0;
  /** Messages were removed before the next one that counts, and the log's clock at the last one before. */
  let removedSinceUs: number | null = null;
  for (const [i, { sequence, partition, timeUs, records, producer, producerSequence }] of messages.entries()) {
    const before = messages[i - 1];
    if (
      removed !== null &&
      sequence >= removed.until &&
      (before === undefined ? isFleet : before.sequence < removed.until)
    )
      removedSinceUs = before?.timeUs ?? 0;
    const earlier = messages
      .slice(0, i)
      .filter((other) => other.producer === producer && other.partition === partition);
    if (earlier.some((other) => other.producerSequence >= producerSequence)) continue;
    const control = records.find((record) => record.kind === 'control');
    if (control !== undefined && (partition === 0 || !isFleet)) config = control.version - 1;
    const timed = moments.filter(({ isControl }) => !isControl);
    const last = timed.at(-1);
    const tick = timed.findLast(({ records: some }) => some.some(({ kind }) => kind === 'tick'));
    let elapsedUs = last?.elapsedUs ?? 0;
    if (control === undefined && last !== undefined) {
      const passedUs = Math.max(0, Math.min(2 * secondUs, timeUs - last.nowUs));
      const mayBeUs = (tick?.elapsedUs ?? 0) + 2 * secondUs;
      elapsedUs = Math.max(elapsedUs, Math.min(elapsedUs + passedUs, mayBeUs));
    }
    const lastOfProducer = earlier.length === 0 ? null : Math.max(...earlier.map((other) => other.producerSequence));
    const sinceUs = removedSinceUs ?? before?.timeUs ?? 0;
    const isGap = removedSinceUs !== null || (lastOfProducer !== null && producerSequence > lastOfProducer + 1);
    removedSinceUs = null;
    moments.push({
      sequence,
      nowUs: timeUs,
      elapsedUs,
      records,
      config,
      isControl: control !== undefined,
      keeps: control?.state?.kind === 'keep',
      // The fleet switches, and rebuilds, with partition 0.
      rebuildsFrom: control?.state?.kind === 'rebuild' && (partition === 0 || !isFleet) ? control.state.from : null,
      gap: isGap ? { sinceUs, untilUs: Math.max(timeUs, sinceUs) } : null,
    });
  }
  return moments;
}
