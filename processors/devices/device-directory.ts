import type { DeviceState } from '../../events/device.ts';
import type { Ledger } from '../../events/ledger.ts';
import type { Reading } from '../../events/reading.ts';
import { DeviceMemory, type Counted, type DeviceMemoryRow } from './device-memory.ts';

/** All devices of a partition that a reading came from: as many as the intake admits. */
export class DeviceDirectory {
  readonly #devices = new Map<string, DeviceMemory>();
  /** Keys in order, made when asked for; null when a device has come since. */
  #keys: string[] | null = null;

  constructor(rows: readonly DeviceMemoryRow[] = []) {
    for (const row of rows) this.#devices.set(row.key, DeviceMemory.fromRow(row));
  }

  /** Takes a new reading. True: more than the device's values changed. */
  take(reading: Reading, topic: string, nowUs: number): boolean {
    let device = this.#devices.get(reading.key);
    if (device === undefined) {
      device = new DeviceMemory(reading.key);
      this.#devices.set(reading.key, device);
      this.#keys = null;
    }
    return device.take(reading, topic, nowUs);
  }

  /** Drops all that is known of a device. */
  forget(key: string): void {
    if (this.#devices.delete(key)) this.#keys = null;
  }

  /** Adds to a device's ledger. What is set aside before a device's first reading is in the totals alone. */
  count(key: string | null, what: Counted): void {
    if (key !== null) this.#devices.get(key)?.count(what);
  }

  get size(): number {
    return this.#devices.size;
  }

  get(key: string): DeviceState | null {
    return this.#devices.get(key)?.state ?? null;
  }

  ledger(key: string): Ledger | null {
    return this.#devices.get(key)?.ledger ?? null;
  }

  /** At most `limit` devices in key order (UTF-16 code units), those after `after`. */
  page(after: string | undefined, limit: number): DeviceState[] {
    this.#keys ??= [...this.#devices.keys()].toSorted();
    const start = after === undefined ? 0 : firstAfter(this.#keys, after);
    return this.#keys.slice(start, start + limit).map((key) => this.#devices.get(key)!.state);
  }

  snapshot(): DeviceMemoryRow[] {
    return [...this.#devices.values()].map((device) => device.toRow());
  }
}

function firstAfter(keys: readonly string[], after: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
