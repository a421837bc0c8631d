import type { Type, types } from 'avsc';
import { refuse, type Refusal } from '../refusal.ts';

/** Levels of records, lists and maps within each other in a payload: beyond this it is refused. */
const depthMax = 64;
/** Values looked at beside one for each byte: fields of records that take no bytes. */
const spareValuesMax = 10_000;

/**
 * Walks through an Avro payload without making anything of it, and says what is wrong with it and where. `avsc` may
 * only read what has passed: it takes a list's length at its word, so that five bytes would claim all memory, and does
 * not say where it fails. Work is bounded by the payload's bytes.
 *
 * @returns what is wrong; null when exactly one value is in the bytes
 */
export function avroProblem(type: Type, bytes: Buffer): Refusal | null {
  const walk = new Walk(bytes);
  walk.value(type, '', 1);
  if (walk.problem !== null) return walk.problem;
  const left = bytes.length - walk.at;
  return left === 0 ? null : refuse('schema', `${left} bytes follow the value`);
}

class Walk {
  at = 0;
  problem: Refusal | null = null;
  readonly #bytes: Buffer;
  #values: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#values = bytes.length + spareValuesMax;
  }

  value(type: Type, path: string, depth: number): void {
    if (this.problem !== null) return;
    if (depth > depthMax) return this.#refuse(path, `is nested deeper than ${depthMax} levels`, 'too-deep');
    if (--this.#values < 0) return this.#refuse(path, 'is one value too many for so few bytes');
    switch (type.typeName) {
      case 'null':
        return;
      case 'boolean':
        if (this.at < this.#bytes.length && this.#bytes[this.at]! > 1) this.#refuse(path, 'is no boolean');
        return this.#skip(1, path);
      case 'int':
        return void this.#varint(path, 32);
      case 'long':
      case 'abstract:long':
        return void this.#varint(path, 64);
      case 'float':
        return this.#skip(4, path);
      case 'double':
        return this.#skip(8, path);
      case 'bytes':
      case 'string':
        return void this.#sized(path);
      case 'fixed':
        return this.#skip((type as types.FixedType).size, path);
      case 'enum': {
        const { symbols } = type as types.EnumType;
        const index = this.#varint(path, 32);
        if (index < 0 || index >= symbols.length) this.#refuse(path, `is symbol ${index} of ${symbols.length}`);
        return;
      }
      case 'union:wrapped':
      case 'union:unwrapped': {
        const { types: branches } = type as types.WrappedUnionType;
        const index = this.#varint(path, 32);
        const branch = branches[index];
        if (branch === undefined) return this.#refuse(path, `is branch ${index} of a union of ${branches.length}`);
        return this.value(branch, path, depth + 1);
      }
      case 'array':
        return this.#blocks(path, (index) =>
          this.value((type as types.ArrayType).itemsType, `${path}[${index}]`, depth + 1),
        );
      case 'map':
        return this.#blocks(path, () => {
          const key = this.#sized(path);
          if (key === '__proto__') return this.#refuse(path, 'has the reserved key "__proto__"', 'bad-key');
          this.value((type as types.MapType).valuesType, `${path}.${key.slice(0, 40)}`, depth + 1);
        });
      case 'record':
      case 'error': {
        const prefix = path === '' ? '' : `${path}.`;
        for (const field of (type as types.RecordType).fields) {
          this.value(field.type, prefix + field.name, depth + 1);
          if (this.problem !== null) return;
        }
        return;
      }
      default: {
        const { underlyingType } = type as types.LogicalType;
        if (underlyingType === undefined) return this.#refuse(path, `is of type ${type.typeName}, which is not read`);
        return this.value(underlyingType, path, depth + 1);
      }
    }
  }

  /** Blocks of items, each with its count; a negative one is followed by the block's bytes. */
  #blocks(path: string, item: (index: number) => void): void {
    for (let index = 0; this.problem === null;) {
      let count = this.#varint(path, 64);
      if (count === 0) return;
      if (count < 0) {
        count = -count;
        this.#varint(path, 64);
      }
      // Items that take no bytes are of no use to anybody, and could be any number.
      if (count > this.#bytes.length - this.at)
        return this.#refuse(path, `has ${count} items, more than there are bytes`);
      for (; count > 0 && this.problem === null; count--) item(index++);
    }
  }

  #sized(path: string): string {
    const length = this.#varint(path, 64);
    if (length < 0) this.#refuse(path, `has the length ${length}`);
    const from = this.at;
    this.#skip(length, path);
    return this.problem === null ? this.#bytes.toString('utf8', from, Math.min(this.at, from + 256)) : '';
  }

  /** A zigzag varint, as a double. */
  #varint(path: string, bits: 32 | 64): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (this.at >= this.#bytes.length) {
        this.#refuse(path, 'is cut off');
        return 0;
      }
      const byte = this.#bytes[this.at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
      if (shift >= BigInt(bits) - 7n) {
        this.#refuse(path, `is no number of ${bits} bits`);
        return 0;
      }
    }
    if (value >= 1n << BigInt(bits)) {
      this.#refuse(path, `is no number of ${bits} bits`);
      return 0;
    }
    return Number((value >> 1n) ^ -(value & 1n));
  }

  #skip(bytes: number, path: string): void {
    if (this.problem !== null) return;
    if (bytes > this.#bytes.length - this.at) return this.#refuse(path, 'is cut off');
    this.at += bytes;
  }

  #refuse(path: string, rule: string, reason: Refusal['reason'] = 'schema'): void {
    this.problem ??= refuse(reason, `${path === '' ? 'the value' : path.slice(0, 120)} ${rule}`);
  }
}
