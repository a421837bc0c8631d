import avro, { type Schema, type Type } from 'avsc';
import { parseAvro } from '../../../infra/schemas/parse-avro.ts';
import type { Parsed, ResolveReference, SchemaText } from '../../../infra/schemas/schema-text.ts';

/**
 * How Avro's values become what a field can be: longs are doubles (whole up to 2^53), decimals numbers, timestamps
 * microseconds since the epoch as an `EpochUs`, so that a time keeps its unit.
 */
export class EpochUs {
  readonly us: number;
  constructor(us: number) {
    this.us = us;
  }
}

// oxlint-disable-next-line no-underscore-dangle -- so it is called
const long = avro.types.LongType.__with(
  {
    fromBuffer: (bytes: Buffer) => Number(bytes.readBigInt64LE()),
    toBuffer: (value: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(value));
      return bytes;
    },
    fromJSON: Number,
    toJSON: (value: number) => value,
    isValid: (value: unknown) => typeof value === 'number' && Number.isInteger(value),
    compare: (a: number, b: number) => Math.sign(a - b),
  },
  false,
);

function timestamp(unitsPerUs: number) {
  return class Timestamp extends avro.types.LogicalType {
    protected override _fromValue(value: unknown): EpochUs {
      return new EpochUs(Math.round(Number(value) / unitsPerUs));
    }
    protected override _toValue(value: unknown): number {
      return Math.round((value as EpochUs).us * unitsPerUs);
    }
  };
}

/** A two's complement big-endian integer of 10^-scale. */
class Decimal extends avro.types.LogicalType {
  readonly #scale: number;

  constructor(schema: Schema, options?: never) {
    super(schema, options);
    const { scale } = schema as { scale?: unknown };
    if (scale !== undefined && !(Number.isInteger(scale) && (scale as number) >= 0 && (scale as number) <= 300))
      throw new Error(`decimal: scale ${JSON.stringify(scale)} is not offered`);
    this.#scale = (scale as number | undefined) ?? 0;
  }

  protected override _fromValue(value: unknown): number {
    const bytes = value as Buffer;
    if (bytes.length === 0) return 0;
    const unscaled = BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
    // Through the text: a division of doubles would round a second time.
    return Number(`${unscaled}e-${this.#scale}`);
  }

  protected override _toValue(): never {
    throw new Error('decimals are only read');
  }
}

const logicalTypes = {
  decimal: Decimal,
  'timestamp-millis': timestamp(1e-3),
  'timestamp-micros': timestamp(1),
  'timestamp-nanos': timestamp(1e3),
  'local-timestamp-millis': timestamp(1e-3),
  'local-timestamp-micros': timestamp(1),
  'local-timestamp-nanos': timestamp(1e3),
};

/** The type by which payloads are read. */
export function readingType(schema: SchemaText, resolve: ResolveReference): Parsed<Type> {
  /** Of logical types, which ask for the type below them with the same schema again. */
  const asked = new WeakSet<object>();
  const typeHook = (given: Schema) => {
    if (given === 'long') return long;
    if (typeof given !== 'object' || !('type' in given) || given.type !== 'long') return undefined;
    const { logicalType } = given as { logicalType?: unknown };
    if (typeof logicalType !== 'string' || !Object.hasOwn(logicalTypes, logicalType) || asked.has(given)) return long;
    asked.add(given);
    return undefined;
  };
  return parseAvro(schema, resolve, { typeHook, logicalTypes });
}
