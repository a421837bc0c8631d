import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';

/** How many identities a sender or device is remembered by. */
export const recentHashesMax = 256;

/** Room to begin with: for 8 of them. */
const wordsMin = 16;

/**
 * The last `max` identities of 64 bit, as two words each. Starts with room for 8 and doubles, so that
 * a device that rarely speaks costs little; full it is 2 KiB, with 256 of them.
 */
export class RecentHashes {
  #words: Uint32Array<ArrayBuffer>;
  #count = 0;
  /** Place of the next one; the oldest, once full. */
  #next = 0;

  /** How many are kept. */
  readonly #max: number;

  constructor(max = recentHashesMax, words = wordsMin) {
    this.#max = max;
    this.#words = new Uint32Array(words);
  }

  add(a: number, b: number): void {
    if (this.#count < this.#max) {
      if (this.#count * 2 === this.#words.length) this.#grow(this.#words.length * 2);
      this.#count++;
    }
    this.#words[this.#next * 2] = a;
    this.#words[this.#next * 2 + 1] = b;
    this.#next = (this.#next + 1) % this.#max;
  }

  has(a: number, b: number): boolean {
    const words = this.#words;
    for (let i = this.#count * 2 - 2; i >= 0; i -= 2) {
      if (words[i] === a && words[i + 1] === b) return true;
    }
    return false;
  }

  /** Oldest first, in the machine's byte order. */
  write(columns: ColumnWriter): void {
    const oldest = this.#count < this.#max ? 0 : this.#next * 2;
    const { buffer } = this.#words;
    const bytes = Uint32Array.BYTES_PER_ELEMENT;
    const older = new Uint8Array(buffer, oldest * bytes, (this.#count * 2 - oldest) * bytes);
    if (oldest === 0) columns.bytes(older);
    else columns.bytes(older, new Uint8Array(buffer, 0, oldest * bytes));
  }

  /** @param max as it was made with */
  static read(columns: ColumnReader, max = recentHashesMax): RecentHashes {
    const bytes = columns.bytes();
    const words = bytes.length / Uint32Array.BYTES_PER_ELEMENT;
    let room = wordsMin;
    while (room < words) room *= 2;
    const hashes = new RecentHashes(max, room);
    new Uint8Array(hashes.#words.buffer).set(bytes);
    hashes.#count = words / 2;
    hashes.#next = hashes.#count % max;
    return hashes;
  }

  #grow(words: number): void {
    const grown = new Uint32Array(words);
    grown.set(this.#words);
    this.#words = grown;
  }
}
