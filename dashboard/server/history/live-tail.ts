import type { LiveReading } from '../../../events/live.ts';

/** Readings kept of all devices together: at 5,000/s about 10 s, far more than storage is behind. */
export const tailReadingsMax = 50_000;

/** The latest readings of the live feed, for what InfluxDB has not taken yet. A ring. */
export class LiveTail {
  readonly #readings: (LiveReading | undefined)[] = [];
  #next = 0;

  add(reading: LiveReading): void {
    this.#readings[this.#next] = reading;
    this.#next = (this.#next + 1) % tailReadingsMax;
  }

  /** Readings of a device that carry `field`, later than `afterUs` and up to `toUs`, rising in time. */
  of(key: string, field: string, afterUs: number, toUs: number): readonly LiveReading[] {
    const found: LiveReading[] = [];
    for (const reading of this.#readings) {
      if (reading?.key !== key || reading.time <= afterUs || reading.time > toUs) continue;
      if (Object.hasOwn(reading.fields, field)) found.push(reading);
    }
    found.sort((a, b) => a.time - b.time);
    return found.filter((reading, index) => reading.time !== found[index - 1]?.time);
  }
}
