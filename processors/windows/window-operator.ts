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
  /** Drops all state of a device; its open windows are closed first. `origin`: the message whose clock says so. */
  forget(key: string, origin: Origin, closed: WindowResult[]): void;
  /** Messages of the log are missing here: the results of the windows that are open now are `incomplete`. */
  gap?(): void;
  /** A plain value that later readings do not change. */
  snapshot(): unknown;
}
