import type { FieldValue } from '../../events/reading.ts';
import { isFalse, isNumber, isText, isTrue, realMark, type Columns } from './columns.ts';
import { NameTable, type Source } from './names.ts';

/** Above it a whole number takes as much as among the reals. */
const wholeMax = 2 ** 31;
/** Bytes of the longest whole number, and of as much in front of it. */
const wholeBytesMax = 5;

/**
 * How long the columns of a part were last time: they are begun so long, and a large state is not copied while it is
 * written.
 */
export class ColumnRoom {
  wholes = 1024;
  reals = 128;
}

/** A state that has grown by less finds room. */
const roomShare = 1.125;

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
    this.#wholes = new Uint8Array(room.wholes);
    this.#reals = new Float64Array(room.reals);
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

  /** Rows with their number in front. */
  list<Row>(rows: readonly Row[], write: (row: Row) => void): void {
    this.whole(rows.length);
    for (const row of rows) write(row);
  }

  /** A plain value that nobody changes any more. */
  value(value: unknown): void {
    this.#values.push(value);
  }

  /** What was written. Nothing is written afterwards. */
  columns(): Columns {
    this.#room.wholes = Math.max(wholeBytesMax, Math.ceil(this.#wholesAt * roomShare));
    this.#room.reals = Math.max(1, Math.ceil(this.#realsAt * roomShare));
    const wholes = this.#wholes.subarray(0, this.#wholesAt);
    const reals = new Uint8Array(this.#reals.buffer, 0, this.#realsAt * Float64Array.BYTES_PER_ELEMENT);
    return { names: this.#names.names, wholes, reals, values: this.#values };
  }
}

function twice<Column extends Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  column: Column,
  make: new (length: number) => Column,
): Column {
  const grown = new make(column.length * 2);
  grown.set(column);
  return grown;
}
