/**
 * How much may pass at a steady rate with bursts of up to a second's worth. Pure: times are arguments, ms of one clock.
 * What passes may leave it in debt, so that a piece larger than the burst passes too, and is waited for afterwards.
 */
export class TokenBucket {
  readonly #perS: number;
  #tokens: number;
  #atMs: number;

  /** Full at first. @param perS also the size of a burst */
  constructor(perS: number, nowMs: number) {
    this.#perS = perS;
    this.#tokens = perS;
    this.#atMs = nowMs;
  }

  /** What may pass now; zero or less: nothing. */
  available(nowMs: number): number {
    if (nowMs > this.#atMs) {
      this.#tokens = Math.min(this.#perS, this.#tokens + ((nowMs - this.#atMs) * this.#perS) / 1000);
      this.#atMs = nowMs;
    }
    return this.#tokens;
  }

  /** So much has passed. */
  take(amount: number): void {
    this.#tokens -= amount;
  }

  /** When `amount` (no more than a burst) may pass, ms from now. */
  waitMs(amount: number, nowMs: number): number {
    return Math.max(0, ((amount - this.available(nowMs)) * 1000) / this.#perS);
  }
}
