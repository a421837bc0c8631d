/** The value below which `share` (0.99: p99) of the measurements are; null without any. */
export function percentile(measured: Float64Array, share: number): number | null {
  if (measured.length === 0) return null;
  const sorted = measured.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** Measurements of a whole case: all are kept, eight bytes each. */
export class Measurements {
  #values = new Float64Array(1 << 16);
  #count = 0;

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  get count(): number {
    return this.#count;
  }

  percentile(share: number): number | null {
    return percentile(this.#values.subarray(0, this.#count), share);
  }
}
