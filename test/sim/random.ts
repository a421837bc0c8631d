/** Numbers that a seed decides: the same on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [least, greatest]. */
  integer(least: number, greatest: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** An independent source: what one part of a plan draws does not move the others. */
  fork(): Random;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), 128 bit of state. */
export function randomOf(seed: number): Random {
  let a = 0x9e3779b9;
  let b = Math.trunc(seed / 2 ** 32) | 0;
  let c = seed | 0;
  let count = 1;
  const word = () => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) word();
  const random: Random = {
    next: () => word() / 2 ** 32,
    integer: (least, greatest) => least + Math.floor(random.next() * (greatest - least + 1)),
    chance: (probability) => random.next() < probability,
    pick: (items) => items[Math.floor(random.next() * items.length)]!,
    fork: () => randomOf(word() * 2 ** 20 + (word() >>> 12)),
  };
  return random;
}
