import type { Latency } from '../../events/health.ts';

/** Bucket bounds grow by this factor: a percentile is at most 5 % above the true value. */
const growth = 1.05;
/** Upper bound of the first bucket, ms. Everything shorter is in it. */
const firstBoundMs = 0.01;
/** 0.01 ms to about 13 minutes; longer ones count in the last bucket. */
const buckets = 370;
const logGrowth = Math.log(growth);

/**
 * Latencies of the last seconds, without keeping each: a ring of one histogram per second. Pure: the caller says
 * which second it is. Seconds may be skipped and may not step back by more than the window.
 *
 * @example
 * const latency = new LatencyWindow();
 * latency.record(1.5, 1000);
 * latency.percentiles(1001); // { p50: 1.5..., p99: 1.5... }
 */
export class LatencyWindow {
  readonly #seconds: number;
  readonly #counts: Uint32Array[];
  /** Which second each slot of the ring holds. */
  readonly #held: number[];

  constructor(seconds = 10) {
    this.#seconds = seconds;
    this.#counts = Array.from({ length: seconds }, () => new Uint32Array(buckets));
    this.#held = Array.from({ length: seconds }, () => -1);
  }

  /** @param second any count of whole seconds that moves forward, such as epoch seconds. */
  record(ms: number, second: number): void {
    const slot = ((second % this.#seconds) + this.#seconds) % this.#seconds;
    const counts = this.#counts[slot]!;
    if (this.#held[slot] !== second) {
      counts.fill(0);
      this.#held[slot] = second;
    }
    counts[bucketOf(ms)]!++;
  }

  /** Percentiles of what was recorded in the seconds up to and including `second`; null where nothing was. */
  percentiles(second: number): Latency {
    const sums = new Uint32Array(buckets);
    let total = 0;
    for (let slot = 0; slot < this.#seconds; slot++) {
      const held = this.#held[slot]!;
      if (held > second || held <= second - this.#seconds) continue;
      const counts = this.#counts[slot]!;
      for (let bucket = 0; bucket < buckets; bucket++) {
        sums[bucket]! += counts[bucket]!;
        total += counts[bucket]!;
      }
    }
    return { p50: percentile(sums, total, 0.5), p99: percentile(sums, total, 0.99) };
  }
}

function bucketOf(ms: number): number {
  if (!(ms > firstBoundMs)) return 0;
  return Math.min(Math.ceil(Math.log(ms / firstBoundMs) / logGrowth), buckets - 1);
}

/** Nearest rank, read as the upper bound of the bucket it falls in, rounded to 3 significant digits. */
function percentile(counts: Uint32Array, total: number, rank: number): number | null {
  if (total === 0) return null;
  const wanted = Math.ceil(total * rank);
  let seen = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    seen += counts[bucket]!;
    if (seen >= wanted) return Number((firstBoundMs * growth ** bucket).toPrecision(3));
  }
  return null;
}
