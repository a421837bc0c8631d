import { inLogOrder, type Origin } from '../../events/record.ts';

/** Readings kept of one side of a group. */
export const sideReadingsMax = 4_096;

/** A value of one side. */
export interface Sample {
  readonly timeUs: number;
  readonly value: number;
  /** Of the device that sent it. */
  readonly key: string;
  readonly origin: Origin;
}

/** As MessagePack holds it. */
export type SampleRow = readonly [timeUs: number, value: number, key: string, ...origin: number[]];

const none: Sample[] = [];

/** The values of one side of a group, in an order that does not depend on when they came. */
export class Side {
  readonly #samples: Sample[];

  constructor(rows: readonly SampleRow[] = []) {
    this.#samples = rows.map(([timeUs, value, key, partition = 0, sequence = 0, index = 0, part = 0]) => ({
      timeUs,
      value,
      key,
      origin: part === 0 ? { partition, sequence, index } : { partition, sequence, index, part },
    }));
  }

  get size(): number {
    return this.#samples.length;
  }

  /** Time of the earliest; infinity without one. */
  get firstUs(): number {
    return this.#samples[0]?.timeUs ?? Number.POSITIVE_INFINITY;
  }

  add(sample: Sample): void {
    let at = this.#samples.length;
    while (at > 0 && inOrder(this.#samples[at - 1]!, sample) > 0) at--;
    this.#samples.splice(at, 0, sample);
  }

  /** Takes out those before a time, the earliest first. */
  takeBefore(timeUs: number): Sample[] {
    if (this.firstUs >= timeUs) return none;
    return this.#samples.splice(0, this.#firstAt(timeUs));
  }

  takeFirst(): Sample | undefined {
    return this.#samples.shift();
  }

  /** The nearest in time, at most `toleranceUs` away; of two as near the earlier, then the first in order. */
  nearest(timeUs: number, toleranceUs: number): Sample | null {
    const at = this.#firstAt(timeUs);
    const later = this.#samples[at];
    const last = this.#samples[at - 1];
    const earlier = last === undefined ? undefined : this.#samples[this.#firstAt(last.timeUs)];
    const away = (sample: Sample | undefined) =>
      sample === undefined ? Number.POSITIVE_INFINITY : Math.abs(sample.timeUs - timeUs);
    const found = away(earlier) <= away(later) ? earlier : later;
    return found !== undefined && away(found) <= toleranceUs ? found : null;
  }

  toRows(): SampleRow[] {
    return this.#samples.map(({ timeUs, value, key, origin }) => {
      const { partition, sequence, index, part } = origin;
      const place = part === undefined ? [partition, sequence, index] : [partition, sequence, index, part];
      return [timeUs, value, key, ...place] as const;
    });
  }

  /** Index of the first at or after a time. */
  #firstAt(timeUs: number): number {
    let low = 0;
    let high = this.#samples.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#samples[middle]!.timeUs < timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** By time, then device, then place in the log. */
function inOrder(a: Sample, b: Sample): number {
  if (a.timeUs !== b.timeUs) return a.timeUs - b.timeUs;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return inLogOrder(a, b);
}
