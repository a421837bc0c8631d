import type { Transition } from '../../../events/alert.ts';
import type { FieldValue } from '../../../events/reading.ts';
import type { LiveReading } from '../../../events/live.ts';
import type { DeviceEntry } from '../devices/device-entry.ts';

/** Readings kept one by one within a tick; past it devices named by viewers get the latest values only. */
export const tickReadingsMax = 20_000;
/** Transitions told within one tick; later ones are found by asking for the alerts. */
export const tickTransitionsMax = 1_000;

/** What changed since the last frame, for all viewers together. */
export class TickChanges {
  readonly #merged = new Map<DeviceEntry, { time: number; fields: Record<string, FieldValue> }>();
  readonly #readings = new Map<string, LiveReading[]>();
  readonly rows = new Set<DeviceEntry>();
  /** Keys of devices that are gone; they may have come back within the tick. */
  readonly forgotten: string[] = [];
  readonly transitions: Transition[] = [];
  #count = 0;

  get empty(): boolean {
    return this.#merged.size + this.rows.size + this.forgotten.length + this.transitions.length === 0;
  }

  reading(entry: DeviceEntry, reading: LiveReading): void {
    const merged = this.#merged.get(entry);
    if (merged === undefined) this.#merged.set(entry, { time: reading.time, fields: { ...reading.fields } });
    else if (reading.time >= merged.time) {
      merged.time = reading.time;
      Object.assign(merged.fields, reading.fields);
    } else merged.fields = { ...reading.fields, ...merged.fields };
    if (this.#count >= tickReadingsMax) return;
    this.#count++;
    const readings = this.#readings.get(reading.key);
    if (readings === undefined) this.#readings.set(reading.key, [reading]);
    else readings.push(reading);
  }

  forget(entry: DeviceEntry): void {
    this.rows.delete(entry);
    this.#merged.delete(entry);
    this.forgotten.push(entry.state.key);
  }

  transition(transition: Transition): void {
    if (this.transitions.length < tickTransitionsMax) this.transitions.push(transition);
  }

  /** Each changed device once, with the latest value of each field that changed. */
  merged(): readonly LiveReading[] {
    return [...this.#merged].map(([entry, { time, fields }]) => ({ key: entry.state.key, time, fields }));
  }

  /** Each reading of these devices, oldest first. */
  of(keys: readonly string[]): readonly LiveReading[] {
    return keys.flatMap((key) => this.#readings.get(key) ?? []);
  }

  clear(): void {
    this.#merged.clear();
    this.#readings.clear();
    this.rows.clear();
    this.forgotten.length = 0;
    this.transitions.length = 0;
    this.#count = 0;
  }
}
