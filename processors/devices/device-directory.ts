import type { Ledger } from '../../events/ledger.ts';
import type { Reading } from '../../events/reading.ts';
import type { KnownDevice } from '../decode/known-devices.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import { DeviceMemory, type Counted, type MeasuredState } from './device-memory.ts';

/** All devices of a partition that a reading came from: as many as the intake admits. */
export class DeviceDirectory {
  readonly #room = new ColumnRoom();
  readonly #devices = new Map<string, DeviceMemory>();
  /** Keys in order, made when asked for; null when a device has come since. */
  #keys: string[] | null = null;

  /** @param saved what `snapshot` returned. */
  constructor(saved?: Columns) {
    if (saved === undefined) return;
    const columns = new ColumnReader(saved);
    while (!columns.isAtEnd) {
      const memory = DeviceMemory.read(columns);
      this.#devices.set(memory.key, memory);
    }
  }

  /** Takes a new reading. True: more than the device's values changed. */
  take(known: Pick<KnownDevice, 'memory'>, reading: Reading, topic: string, nowUs: number): boolean {
    known.memory ??= this.#memoryOf(reading.key);
    return known.memory.take(reading, topic, nowUs);
  }

  #memoryOf(key: string): DeviceMemory {
    let memory = this.#devices.get(key);
    if (memory === undefined) {
      memory = new DeviceMemory(key);
      this.#devices.set(key, memory);
      this.#keys = null;
    }
    return memory;
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

  get(key: string): MeasuredState | null {
    return this.#devices.get(key)?.state ?? null;
  }

  ledger(key: string): Ledger | null {
    return this.#devices.get(key)?.ledger ?? null;
  }

  /** At most `limit` devices in key order (UTF-16 code units), those after `after`. */
  page(after: string | undefined, limit: number): MeasuredState[] {
    this.#keys ??= [...this.#devices.keys()].toSorted();
    const start = after === undefined ? 0 : firstAfter(this.#keys, after);
    return this.#keys.slice(start, start + limit).map((key) => this.#devices.get(key)!.state);
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    for (const device of this.#devices.values()) device.write(columns);
    return columns.columns();
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
