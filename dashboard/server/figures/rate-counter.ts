const seconds = 10;

/** How many a second over the last 10 s. Pure: the caller says which second it is. */
export class RateCounter {
  readonly #counts = new Float64Array(seconds + 1);
  readonly #held = new Float64Array(seconds + 1);

  add(count: number, second: number): void {
    const slot = second % this.#counts.length;
    if (this.#held[slot] !== second) {
      this.#held[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot]! += count;
  }

  /** Over the 10 whole seconds before `second`. */
  perS(second: number): number {
    let sum = 0;
    for (const [slot, held] of this.#held.entries())
      if (held < second && held >= second - seconds) sum += this.#counts[slot]!;
    return sum / seconds;
  }
}
