import type { FieldValue } from '../../../events/reading.ts';
import type { Sparkline } from '../../../events/api.ts';

const buckets = 60;
const stepUs = 15_000_000;

/**
 * The last 15 minutes of a device's first numeric field, as means of 15 s by event time. 240 bytes a device: older
 * buckets are overwritten, and of a reading out of order only what falls into an empty bucket is taken.
 */
export class SparklineRing {
  field = '';
  #means: Float32Array | null = null;
  #last = 0;
  #count = 0;

  add(timeUs: number, fields: Readonly<Record<string, FieldValue>>): void {
    if (this.field === '') this.field = firstNumeric(fields);
    const value = fields[this.field];
    if (typeof value !== 'number') return;
    const bucket = Math.floor(timeUs / stepUs);
    this.#means ??= new Float32Array(buckets).fill(Number.NaN);
    if (bucket > this.#last) this.#moveTo(bucket);
    if (bucket <= this.#last - buckets) return;
    const index = bucket % buckets;
    if (bucket < this.#last) {
      if (Number.isNaN(this.#means[index]!)) this.#means[index] = value;
      return;
    }
    const mean = this.#count === 0 ? 0 : this.#means[index]!;
    this.#count++;
    this.#means[index] = mean + (value - mean) / this.#count;
  }

  /** As of `nowUs`; null when nothing of the last 15 min is known. */
  view(nowUs: number): Sparkline | null {
    if (this.#means === null) return null;
    const end = Math.max(this.#last, Math.floor(nowUs / stepUs));
    const points: (number | null)[] = [];
    for (let bucket = end - buckets + 1; bucket <= end; bucket++) {
      const known = bucket <= this.#last && bucket > this.#last - buckets;
      const mean = known ? this.#means[bucket % buckets]! : Number.NaN;
      points.push(Number.isFinite(mean) ? Number(mean.toPrecision(6)) : null);
    }
    if (points.every((point) => point === null)) return null;
    return { field: this.field, stepUs, endUs: (end + 1) * stepUs, points };
  }

  #moveTo(bucket: number): void {
    const from = Math.max(this.#last + 1, bucket - buckets + 1);
    for (let cleared = from; cleared <= bucket; cleared++) this.#means![cleared % buckets] = Number.NaN;
    this.#last = bucket;
    this.#count = 0;
  }
}

function firstNumeric(fields: Readonly<Record<string, FieldValue>>): string {
  for (const name in fields) if (typeof fields[name] === 'number') return name;
  return '';
}
