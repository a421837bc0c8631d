import { networkOf } from '../../../infra/config/loopback.ts';

/** Wrong passwords of one address (IPv6: of one /64) within `windowMs`. */
const attemptsMax = 10;
const windowMs = 5 * 60_000;
/** Addresses remembered; those that come when it is full share one entry. */
const addressesMax = 10_000;

/** Bounds how often an address may try a password. Times are arguments, ms. */
export class Attempts {
  readonly #known = new Map<string, { sinceMs: number; count: number }>();

  /** Counts an attempt. @returns 0 when it may be made, else how long to wait, ms. */
  begin(address: string, nowMs: number): number {
    for (const [key, { sinceMs }] of this.#known) {
      if (nowMs - sinceMs < windowMs) break; // In the order of their beginning.
      this.#known.delete(key);
    }
    const network = networkOf(address);
    const key = this.#known.has(network) || this.#known.size < addressesMax ? network : 'others';
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, { sinceMs: nowMs, count: 1 });
    else if (known.count >= attemptsMax) return known.sinceMs + windowMs - nowMs;
    else known.count++;
    return 0;
  }

  /** The password was right: what was tried before is forgiven. */
  succeeded(address: string): void {
    this.#known.delete(networkOf(address));
  }
}
