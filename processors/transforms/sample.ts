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
  readonly #devices: Map<string, number[]>;

  constructor(slotUs: number, restored?: unknown) {
    this.#slotUs = slotUs;
    const rows = (restored ?? []) as readonly (readonly [key: string, slots: readonly number[]])[];
    this.#devices = new Map(rows.map(([key, slots]) => [key, [...slots]]));
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

  snapshot(): unknown {
    return Array.from(this.#devices, ([key, slots]) => [key, [...slots]] as const);
  }
}
