/**
 * A map that forgets what was not used for longest, roughly: entries live in a young and an old generation of at
 * most `generationMax` each. A full young generation becomes the old one, and the old one is dropped; what is read
 * becomes young again. So the last `generationMax` used are always there, at one look-up each.
 */
export class Generations<V> {
  readonly #generationMax: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(generationMax: number) {
    this.#generationMax = generationMax;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#generationMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /** Both generations, in order of insertion. An entry that became young again is in both. */
  entries(): { young: [string, V][]; old: [string, V][] } {
    return { young: [...this.#young], old: [...this.#old] };
  }

  /** Puts back what `entries` returned. */
  restore({ young, old }: { young: Iterable<[string, V]>; old: Iterable<[string, V]> }): void {
    this.#young = new Map(young);
    this.#old = new Map(old);
  }
}
