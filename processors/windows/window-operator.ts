import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { LogTime } from '../clock/log-time.ts';
import type { NameTable } from '../snapshot/names.ts';
import type { DeviceSlots } from './device-slots.ts';

/** Where a window begins to work. */
export interface WindowPlace {
  /** Where time stands. */
  readonly elapsedUs: number;
  /** Its own place among the `DeviceSlots`. */
  readonly slot: number;
  /** A group of devices not heard of for so long is forgotten, where no window's end says so. */
  readonly stateRetainUs?: number;
  /** What `snapshot` returned; undefined to begin afresh. */
  readonly restored?: unknown;
}

/**
 * One configured window over all keys (devices, or groups of them). Pure: it knows readings and the log's time, no
 * clock. What closes goes to `closed`, in no particular order. Of each log message: `advance`, `add` for each
 * reading, `revise`. The log's clock that they are given never steps back.
 */
export interface WindowOperator {
  /** Lets time pass. `origin`: the message that says so. */
  advance(at: LogTime, origin: Origin, closed: WindowResult[]): void;
  /** Takes a reading. True: it is late, a window it belongs to has closed. @param slots null for windows of the fleet */
  add(reading: Reading, at: LogTime, closed: WindowResult[], slots: DeviceSlots | null): boolean;
  /** Ends a message: closed windows that it changed give their next revision. */
  revise(origin: Origin, closed: WindowResult[]): void;
  /** The open windows of a key so far, marked `partial`. */
  partials(key: string, origin: Origin, found: WindowResult[]): void;
  /** Readings left out since it was set to 0, as their group would be one too many. Only windows of the fleet. */
  leftOut?: number;
  /** Another `stateRetainUs` is in force. */
  retainState?(stateRetainUs: number, elapsedUs: number): void;
  /** Closes the open windows of a device before it is forgotten, so that long ones have what short ones held. */
  closeAll?(key: string, origin: Origin, closed: WindowResult[]): void;
  /** Drops the state of a device. Returns how many open windows went with it. */
  forget(key: string): number;
  /** Messages of the log are missing here: the results of the windows that are open now are `incomplete`. */
  gap?(): void;
  /**
   * Before a snapshot that goes on under other times: what has closed stays closed, and what was let go is.
   * @param nowUs where the log's clock stands: one that was just restored has not seen it
   */
  stayClosed?(nowUs: number): void;
  /** A plain value that later readings do not change. @param names those of the other parts of the same snapshot */
  snapshot(names?: NameTable): unknown;
}
