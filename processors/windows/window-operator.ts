import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';

/**
 * One configured window over all devices of a partition. Pure: it knows readings and the log's `elapsed`, no clock.
 * What closes goes to `closed`, in no particular order.
 */
export interface WindowOperator {
  /** Takes a reading. True: it is late, a window it belongs to has closed; it changed nothing. */
  add(reading: Reading, elapsedUs: number, closed: WindowResult[]): boolean;
  /** Lets time pass. `origin`: the message that says so. */
  advance(elapsedUs: number, origin: Origin, closed: WindowResult[]): void;
  /** A plain value that later readings do not change. */
  snapshot(): unknown;
}
