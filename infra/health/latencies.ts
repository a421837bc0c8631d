import type { Latency } from '../../events/health.ts';

const slotMs = 1_000;
const slots = 10;
/** Buckets grow by a tenth: 0.05 ms to more than an hour. */
const growth = 1.1;
const leastMs = 0.05;
const buckets = 200;

/**
 * Percentiles over the last 10 s, from a histogram per second: its memory does not grow with what it measures, and a
 * percentile is at most a tenth off. Times are passed in, milliseconds of a monotonic clock.
 */
export class Latencies {
  readonly #counts = Array.from({ length: slots }, () => new Uint32Array(buckets));
  #slot = 0;

  add(latencyMs: number, nowMs: number): void {
    this.#forget(nowMs);
    this.#counts[this.#slot % slots]![bucketOf(latencyMs)]!++;
  }

  read(nowMs: number): Latency {
    this.#forget(nowMs);
    const sum = new Uint32Array(buckets);
    let total = 0;
    for (const counts of this.#counts)
      for (let i = 0; i < buckets; i++) {
        sum[i]! += counts[i]!;
        total += counts[i]!;
      }
    return { p50: percentile(sum, total, 0.5), p99: percentile(sum, total, 0.99) };
  }

  #forget(nowMs: number): void {
    const slot = Math.floor(nowMs / slotMs);
    const from = Math.max(this.#slot + 1, slot - slots + 1);
    for (let passed = from; passed <= slot; passed++) this.#counts[passed % slots]!.fill(0);
    this.#slot = Math.max(slot, this.#slot);
  }
}

function bucketOf(latencyMs: number): number {
  if (latencyMs <= leastMs) return 0;
  return Math.min(Math.ceil(Math.log(latencyMs / leastMs) / Math.log(growth)), buckets - 1);
}

function percentile(counts: Uint32Array, total: number, share: number): number | null {
  if (total === 0) return null;
  let left = Math.ceil(total * share);
  for (let i = 0; i < buckets; i++) {
    left -= counts[i]!;
    if (left <= 0) return Number((leastMs * growth ** i).toPrecision(3));
  }
  return null;
}
