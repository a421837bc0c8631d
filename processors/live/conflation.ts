import type { LiveReading } from '../../events/live.ts';
import type { FieldValue } from '../../events/reading.ts';

/** A (device, field) pairs kept between two frames; at it a frame is sent early. */
export const livePairsMax = 20_000;

interface Latest {
  readonly timeUs: number;
  readonly value: FieldValue;
}

type Said = Pick<LiveReading, 'key' | 'fields'> & { readonly timeUs: number };

/**
 * The latest value of each (device, field) since the last frame, by event time. Values of different times stay apart:
 * a device that sends its fields one by one gives a reading per time.
 */
export class Conflation {
  #devices = new Map<string, Map<string, Latest>>();
  #pairs = 0;

  get empty(): boolean {
    return this.#pairs === 0;
  }

  get full(): boolean {
    return this.#pairs >= livePairsMax;
  }

  add({ key, timeUs, fields }: Said): void {
    let device = this.#devices.get(key);
    if (device === undefined) this.#devices.set(key, (device = new Map()));
    for (const name in fields) {
      const before = device.get(name);
      if (before === undefined) this.#pairs++;
      else if (before.timeUs > timeUs) continue;
      device.set(name, { timeUs, value: fields[name]! });
    }
  }

  /** What has been added, one reading per device and time, oldest first within a device; then it is empty. */
  take(): LiveReading[] {
    const items: LiveReading[] = [];
    for (const [key, device] of this.#devices) {
      const byTime = new Map<number, Record<string, FieldValue>>();
      for (const [name, { timeUs, value }] of device) {
        const fields = byTime.get(timeUs);
        if (fields === undefined) byTime.set(timeUs, { [name]: value });
        else fields[name] = value;
      }
      for (const time of [...byTime.keys()].toSorted((a, b) => a - b))
        items.push({ key, time, fields: byTime.get(time)! });
    }
    this.#devices = new Map();
    this.#pairs = 0;
    return items;
  }
}
