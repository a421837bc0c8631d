import type { FieldValue } from '../../events/reading.ts';
import { isFalse, isNumber, isText, realMark, type Columns } from './columns.ts';
import { sourcePlaces, type Names, type Source } from './names.ts';

/** Reads columns in the order they were written. */
export class ColumnReader {
  readonly #names: Names;
  readonly #values: readonly unknown[];
  readonly #wholes: Uint8Array;
  readonly #reals: DataView;
  #wholesAt = 0;
  #realsAt = 0;
  #valuesAt = 0;

  constructor({ names, wholes, reals, values }: Columns) {
    this.#names = names;
    this.#values = values;
    this.#wholes = wholes;
    // What was unpacked may lie at any offset of a larger buffer: a view of doubles could not.
    this.#reals = new DataView(reals.buffer, reals.byteOffset, reals.byteLength);
  }

  /** Everything was read. */
  get isAtEnd(): boolean {
    return this.#wholesAt === this.#wholes.length;
  }

  whole(): number {
    let byte = this.#wholes[this.#wholesAt++]!;
    if (byte < 0x80) return byte;
    let number = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = this.#wholes[this.#wholesAt++]!;
      number |= (byte & 0x7f) << shift;
    }
    return number >>> 0;
  }

  real(): number {
    const number = this.#reals.getFloat64(this.#realsAt, isLittleEndian);
    this.#realsAt += Float64Array.BYTES_PER_ELEMENT;
    return number;
  }

  number(): number {
    const whole = this.whole();
    return whole === realMark ? this.real() : whole - 1;
  }

  flag(): boolean {
    return this.whole() === 1;
  }

  text(): string {
    return this.#names.texts[this.whole()]!;
  }

  key(): string {
    return this.text();
  }

  fieldName(): string {
    return this.text();
  }

  source(): Source {
    const { texts, tags, sources } = this.#names;
    const at = this.whole() * sourcePlaces;
    return { key: texts[sources[at]!]!, device: texts[sources[at + 1]!]!, tags: tags[sources[at + 2]!]! };
  }

  fieldValue(): FieldValue {
    const kind = this.whole();
    if (kind === isNumber) return this.real();
    return kind === isText ? this.text() : kind !== isFalse;
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const length = this.whole();
    this.#wholesAt += length;
    return this.#wholes.subarray(this.#wholesAt - length, this.#wholesAt);
  }

  hex(): string {
    const { buffer, byteOffset, byteLength } = this.bytes();
    return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
  }

  value(): unknown {
    return this.#values[this.#valuesAt++];
  }

  /** Reads so many rows as their number, written in front of them, says. */
  list<Row>(row: () => Row): Row[] {
    const rows: Row[] = [];
    for (let count = this.whole(); count > 0; count--) rows.push(row());
    return rows;
  }
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
