import type { FieldValue } from '../../events/reading.ts';
import { isFalse, isNumber, isText, isTrue, realMark, type Columns } from './columns.ts';
import { NameTable, type Source } from './names.ts';

/** Above it a whole number takes as much as among the reals. */
const wholeMax = 2 ** 31;
/** Bytes of the longest whole number, and of as much in front of it. */
const wholeBytesMax = 5;

/**
 * Where the columns of a part are written, kept from one snapshot to the next: a large state makes no garbage each time,
 * which the collector would answer by going through all that lives. The next snapshot writes over the last.
 */
export class ColumnRoom {
  wholes = new Uint8Array(64);
  reals = new Float64Array(8);
}

/** Writes state into columns, row behind row. */
export class ColumnWriter {
  readonly #names: NameTable;
  readonly #values: unknown[] = [];
  readonly #room: ColumnRoom;
  #wholes: Uint8Array<ArrayBuffer>;
  #wholesAt = 0;
  #reals: Float64Array<ArrayBuffer>;
  #realsAt = 0;

  /** @param names those of the other parts of the same snapshot. @param room kept from one snapshot to the next */
  constructor(names = new NameTable(), room = new ColumnRoom()) {
    this.#names = names;
    this.#room = room;
    this.#wholes = room.wholes;
    this.#reals = room.reals;
  }

  /** A whole number from 0 to 2 ** 31. */
  whole(number: number): void {
    if (this.#wholesAt + wholeBytesMax > this.#wholes.length) this.#wholes = twice(this.#wholes, Uint8Array);
    let rest = number;
    while (rest > 0x7f) {
      this.#wholes[this.#wholesAt++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#wholes[this.#wholesAt++] = rest;
  }

  /** Any number that is seldom small and whole, such as a time. */
  real(number: number): void {
    if (this.#realsAt === this.#reals.length) this.#reals = twice(this.#reals, Float64Array);
    this.#reals[this.#realsAt++] = number;
  }

  /** Any number that is often small and whole. */
  number(number: number): void {
    if (number >= 0 && number < wholeMax && Math.floor(number) === number && !Object.is(number, -0)) {
      this.whole(number + 1);
      return;
    }
    this.whole(realMark);
    this.real(number);
  }

  flag(flag: boolean): void {
    this.whole(flag ? 1 : 0);
  }

  text(text: string): void {
    this.whole(this.#names.text(text));
  }

  /** A text that no other row has: it is not looked for among those that are there. */
  ownText(text: string): void {
    this.whole(this.#names.ownText(text));
  }

  /** Of a device; read back as a text. */
  key(key: string): void {
    this.whole(this.#names.key(key));
  }

  fieldName(name: string): void {
    this.whole(this.#names.fieldName(name));
  }

  source(source: Source): void {
    this.whole(this.#names.source(source));
  }

  fieldValue(value: FieldValue): void {
    if (typeof value === 'number') {
      this.whole(isNumber);
      this.real(value);
    } else if (typeof value === 'string') {
      this.whole(isText);
      this.text(value);
    } else this.whole(value ? isTrue : isFalse);
  }

  /** Bytes with their number in front; parts are read back as one. */
  bytes(...parts: readonly Uint8Array[]): void {
    let length = 0;
    for (const part of parts) length += part.length;
    this.whole(length);
    while (this.#wholesAt + length > this.#wholes.length) this.#wholes = twice(this.#wholes, Uint8Array);
    for (const part of parts) {
      this.#wholes.set(part, this.#wholesAt);
      this.#wholesAt += part.length;
    }
  }

  /** Bytes that are kept as a text of lower-case hex digits; read back by `hex`. */
  hex(text: string): void {
    const length = text.length >> 1;
    this.whole(length);
    while (this.#wholesAt + length > this.#wholes.length) this.#wholes = twice(this.#wholes, Uint8Array);
    for (let at = 0; at < text.length; at += 2)
      this.#wholes[this.#wholesAt++] = (hexDigit(text.charCodeAt(at)) << 4) | hexDigit(text.charCodeAt(at + 1));
  }

  /** Rows with their number in front. */
  list<Row>(rows: readonly Row[], write: (row: Row) => void): void {
    this.whole(rows.length);
    for (const row of rows) write(row);
  }

  /** A plain value that nobody changes any more. */
  value(value: unknown): void {
    this.#values.push(value);
  }

  /** What was written, as it is until others are written in the same room. Nothing is written afterwards. */
  columns(): Columns {
    this.#room.wholes = this.#wholes;
    this.#room.reals = this.#reals;
    const wholes = this.#wholes.subarray(0, this.#wholesAt);
    const reals = new Uint8Array(this.#reals.buffer, 0, this.#realsAt * Float64Array.BYTES_PER_ELEMENT);
    return { names: this.#names.names, wholes, reals, values: this.#values };
  }
}

/** Of the character codes of `0` to `9` and `a` to `f`. */
function hexDigit(code: number): number {
  return code <= 57 ? code - 48 : code - 87;
}

function twice<Column extends Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  column: Column,
  make: new (length: number) => Column,
): Column {
  const grown = new make(column.length * 2);
  grown.set(column);
  return grown;
}
