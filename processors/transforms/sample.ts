import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import type { Transform } from './transform.ts';

/** Slots of event time remembered per device. */
export const sampleSlotsKept = 16;

/**
 * Keeps one reading per device and slot of event time, the first to come; slots are aligned to the UTC epoch. The last
 * 16 slots that a reading was kept of are remembered, in the order of their coming: late readings, and a device that
 * sends its past beside its present, are sampled too. Only a slot longer gone can get a second reading.
 */
export class Sample implements Transform {
  readonly #slotUs: number;
  /** Numbers of the slots, the newest last. */
  readonly #devices = new Map<string, number[]>();
  readonly #room = new ColumnRoom();

  constructor(slotUs: number, restored?: unknown) {
    this.#slotUs = slotUs;
    if (restored === undefined) return;
    const columns = new ColumnReader(restored as Columns);
    while (!columns.isAtEnd)
      this.#devices.set(
        columns.text(),
        columns.list(() => columns.number()),
      );
  }

  apply(...[{ key, timeUs }]: Parameters<Transform['apply']>): 'kept' | 'filtered' {
    const slot = Math.floor(timeUs / this.#slotUs);
    const slots = this.#devices.get(key);
    if (slots === undefined) {
      this.#devices.set(key, [slot]);
      return 'kept';
    }
    if (slots.includes(slot)) return 'filtered';
    if (slots.length === sampleSlotsKept) slots.shift();
    slots.push(slot);
    return 'kept';
  }

  forget(key: string): void {
    this.#devices.delete(key);
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    for (const [key, slots] of this.#devices) {
      columns.text(key);
      columns.list(slots, (slot) => columns.number(slot));
    }
    return columns.columns();
  }
}
