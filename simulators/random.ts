/** Numbers that look random and follow from a seed: the same seed gives the same fleet, signals and faults. */

/** Mixes integers into 32 bits that differ in half their places when one input differs in one (murmur3's finalizer). */
export function mix(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ part ^ Math.floor(part / 2 ** 32), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** In [0, 1), from integers. */
export function fraction(...parts: readonly number[]): number {
  return mix(...parts) / 2 ** 32;
}

export type Random = () => number;

/** A sequence in [0, 1) (mulberry32). */
export function randomSequence(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
