/** Measurements kept for percentiles: the latest ones. */
const keptMax = 8192;

/** The latest measurements (ms), for percentiles over them. */
export class Latencies {
  readonly #ring = new Float64Array(keptMax);
  #count = 0;

  add(ms: number): void {
    this.#ring[this.#count++ % keptMax] = ms;
  }

  /** `share` 0.99 is p99; null before anything was measured. */
  percentile(share: number): number | null {
    const size = Math.min(this.#count, keptMax);
    if (size === 0) return null;
    const sorted = this.#ring.slice(0, size).toSorted();
    return sorted[Math.min(size - 1, Math.floor(size * share))]!;
  }
}
