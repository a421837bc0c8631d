import type { FieldValue } from '../../../events/reading.ts';
import { finish, hashText, mixInteger } from '../../decode/hash.ts';

/** Hashes kept. Up to so many different values are counted exactly. */
export const distinctHashesMax = 256;

/** Hashes are whole numbers below it. */
const hashSpace = 2 ** 53;

export type DistinctRow = readonly [hashes: readonly number[], overflowed: boolean];

/**
 * How many different values there are, by the k smallest of their hashes (Bar-Yossef and others 2002): beyond k of
 * them the number is estimated from how dense the smallest lie, with a standard error of 1 / sqrt(k - 2), 6.3 %.
 * Merging keeps the smallest of both: exact, in any order. A number, a text and a boolean are never the same value.
 */
export class Distinct {
  /** Ascending. */
  readonly #hashes: number[] = [];
  /** There were more than are kept. */
  #overflowed = false;

  add(value: FieldValue): void {
    this.#take(hashOf(value));
  }

  merge(other: Distinct): void {
    for (const hash of other.#hashes) this.#take(hash);
    this.#overflowed ||= other.#overflowed;
  }

  get count(): number {
    const held = this.#hashes.length;
    if (!this.#overflowed) return held;
    return Math.round((held - 1) / ((this.#hashes[held - 1]! + 1) / hashSpace));
  }

  toRow(): DistinctRow {
    return [[...this.#hashes], this.#overflowed];
  }

  static fromRow([hashes, overflowed]: DistinctRow): Distinct {
    const restored = new Distinct();
    restored.#hashes.push(...hashes);
    restored.#overflowed = overflowed;
    return restored;
  }

  #take(hash: number): void {
    const hashes = this.#hashes;
    if (hashes.length === distinctHashesMax && hash > hashes[distinctHashesMax - 1]!) {
      this.#overflowed = true;
      return;
    }
    let low = 0;
    let high = hashes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (hashes[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    if (hashes[low] === hash) return;
    hashes.splice(low, 0, hash);
    if (hashes.length <= distinctHashesMax) return;
    hashes.pop();
    this.#overflowed = true;
  }
}

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/** 53 bits: with fewer, two of 256 values would too often look like one. */
function hashOf(value: FieldValue): number {
  return half(value, 0x51ed270b) * 2 ** 21 + (half(value, 0x2545f491) >>> 11);
}

function half(value: FieldValue, seed: number): number {
  if (typeof value === 'string') return hashText(value, seed);
  // 0 and -0 are one value.
  double[0] = value === true ? 1 : value === false ? 0 : value + 0;
  const type = typeof value === 'boolean' ? seed ^ 0x5bd1e995 : seed;
  return finish(mixInteger(mixInteger(type, halves[0]!), halves[1]!));
}
