import { DDSketch } from '@datadog/sketches-js';

/** How far a percentile may be from the value of its rank, as a share of that value. */
export const relativeAccuracy = 0.01;

/** Bins held; of more, the lowest become one. 2,048 span values from 1 to 10^17. */
const binsMax = 2_048;

/** Above any key of the mapping, whose keys for doubles are within 36,000 of zero. */
const keyOffset = 36_000;

/**
 * Which bin a value is in. The library's own stores are dense (a bin for each step between least and greatest), and
 * merging two of its sketches forgets the negative values: so bins are kept here, sparse.
 */
const { mapping } = new DDSketch({ relativeAccuracy });

export type PercentilesRow = readonly [bins: readonly number[], counts: readonly number[]];

/**
 * DDSketch (Masson, Rim, Lee 2019): counts in bins whose bounds grow by 2 %, so that any percentile is within 1 % of
 * the value of its rank. Merging is adding counts: exact, in any order.
 */
export class Percentiles {
  /** Ascending, in the order of values: below 0 for negative ones, 0 for zero. */
  readonly #bins: number[] = [];
  readonly #counts: number[] = [];
  #count = 0;

  add(value: number): void {
    this.#addTo(binOf(value), 1);
  }

  merge(other: Percentiles): void {
    for (const [i, bin] of other.#bins.entries()) this.#addTo(bin, other.#counts[i]!);
  }

  /** The value of rank `share * (count - 1)`, counted from 0 and rounded down; null without values. */
  at(share: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.floor(share * (this.#count - 1));
    let below = 0;
    for (const [i, count] of this.#counts.entries()) {
      below += count;
      if (below > rank) return valueOf(this.#bins[i]!);
    }
    return null;
  }

  toRow(): PercentilesRow {
    return [[...this.#bins], [...this.#counts]];
  }

  static fromRow([bins, counts]: PercentilesRow): Percentiles {
    const restored = new Percentiles();
    for (const [i, bin] of bins.entries()) restored.#addTo(bin, counts[i]!);
    return restored;
  }

  #addTo(bin: number, count: number): void {
    const bins = this.#bins;
    const counts = this.#counts;
    this.#count += count;
    const at = placeOf(bins, bin);
    if (bins[at] === bin) {
      counts[at]! += count;
      return;
    }
    bins.splice(at, 0, bin);
    counts.splice(at, 0, count);
    if (bins.length <= binsMax) return;
    // The lowest goes up into the next one, so that the same bins are left in whatever order values come.
    counts[1]! += counts[0]!;
    bins.shift();
    counts.shift();
  }
}

function binOf(value: number): number {
  if (Math.abs(value) <= mapping.minPossible) return 0;
  return value > 0 ? mapping.key(value) + keyOffset : -(mapping.key(-value) + keyOffset);
}

/** The middle of a bin, which is within 1 % of any value in it. */
function valueOf(bin: number): number {
  if (bin === 0) return 0;
  const size = Math.min(mapping.value(Math.abs(bin) - keyOffset), Number.MAX_VALUE);
  return bin > 0 ? size : -size;
}

/** Index of the first that is not below the bin. */
function placeOf(bins: readonly number[], bin: number): number {
  let low = 0;
  let high = bins.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bins[middle]! < bin) low = middle + 1;
    else high = middle;
  }
  return low;
}
