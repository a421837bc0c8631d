/** How many identities a sender or device is remembered by. */
export const recentHashesMax = 256;

/**
 * The last `recentHashesMax` identities of 64 bit, as two words each. Starts with room for 8 and doubles, so that
 * a device that rarely speaks costs little; full it is 2 KiB.
 */
export class RecentHashes {
  #words: Uint32Array = new Uint32Array(16);
  #count = 0;
  /** Place of the next one; the oldest, once full. */
  #next = 0;

  add(a: number, b: number): void {
    if (this.#count < recentHashesMax) {
      if (this.#count * 2 === this.#words.length) this.#grow(this.#words.length * 2);
      this.#count++;
    }
    this.#words[this.#next * 2] = a;
    this.#words[this.#next * 2 + 1] = b;
    this.#next = (this.#next + 1) % recentHashesMax;
  }

  has(a: number, b: number): boolean {
    const words = this.#words;
    for (let i = this.#count * 2 - 2; i >= 0; i -= 2) {
      if (words[i] === a && words[i + 1] === b) return true;
    }
    return false;
  }

  /** A copy, oldest first, in the machine's byte order. */
  toBytes(): Uint8Array {
    const oldest = this.#count < recentHashesMax ? 0 : this.#next * 2;
    const words = new Uint32Array(this.#count * 2);
    words.set(this.#words.subarray(oldest, this.#count * 2));
    words.set(this.#words.subarray(0, oldest), this.#count * 2 - oldest);
    return new Uint8Array(words.buffer);
  }

  static fromBytes(bytes: Uint8Array): RecentHashes {
    const hashes = new RecentHashes();
    const words = bytes.length / 4;
    let room = hashes.#words.length;
    while (room < words) room *= 2;
    if (room > hashes.#words.length) hashes.#words = new Uint32Array(room);
    // A copy: what was unpacked may lie at any offset of a larger buffer.
    new Uint8Array(hashes.#words.buffer).set(bytes);
    hashes.#count = words / 2;
    hashes.#next = hashes.#count % recentHashesMax;
    return hashes;
  }

  #grow(words: number): void {
    const grown = new Uint32Array(words);
    grown.set(this.#words);
    this.#words = grown;
  }
}
