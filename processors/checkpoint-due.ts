/** A checkpoint is due so long after the last one. */
export const checkpointEveryMs = 5_000;
/**
 * Or later, so that taking it holds up readings for at most a fortieth of the time: a process has four partitions or more,
 * and what is stored costs a collection of all that lives on top, about as much again.
 */
const pausesToSpare = 40;
/** but not later than this: what has come since then is read again after a crash. */
export const checkpointEveryMaxMs = 20_000;
/** And earlier after so many readings of the partition. */
export const checkpointReadingsMax = 400_000;
/** The state of a fleet that is larger still is saved less often than that: a sixteenth of the time it may cost. */
const pausesMin = 16;

/** What has been since the last checkpoint was taken. */
export interface SinceCheckpoint {
  readonly tookMs: number;
  readonly passedMs: number;
  readonly readings: number;
}

/** From one checkpoint to the next, when few readings come. @param tookMs how long taking the last one held them up */
export function checkpointIntervalMs(tookMs: number, everyMs = checkpointEveryMs): number {
  const spared = Math.min(pausesToSpare * tookMs, checkpointEveryMaxMs);
  return Math.max(everyMs, spared, pausesMin * tookMs);
}

export function checkpointIsDue({ tookMs, passedMs, readings }: SinceCheckpoint, everyMs?: number): boolean {
  if (passedMs >= checkpointIntervalMs(tookMs, everyMs)) return true;
  return readings >= checkpointReadingsMax && passedMs >= pausesMin * tookMs;
}
