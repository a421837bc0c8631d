import type { Type, types } from 'avsc';
import type { EpochUs } from './avro-types.ts';

/** What an object of JSON could be: the form in which all formats with a schema become fields. */
export type Plain = null | number | boolean | string | EpochUs | Plain[] | { [key: string]: Plain };

/**
 * An Avro value as `avsc` read it: branches of unions without their names, enums as their symbols, bytes and fixed in
 * base64.
 */
export function plainAvro(type: Type, value: unknown): Plain {
  switch (type.typeName) {
    case 'union:wrapped':
      return plainBranch(type as types.WrappedUnionType, value);
    case 'array':
      return (value as unknown[]).map((item) => plainAvro((type as types.ArrayType).itemsType, item));
    case 'map': {
      const { valuesType } = type as types.MapType;
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, plainAvro(valuesType, item)]),
      );
    }
    case 'record': {
      const { fields } = type as types.RecordType;
      const record = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(fields.map(({ name, type: own }) => [name, plainAvro(own, record[name])]));
    }
    default:
      return Buffer.isBuffer(value) ? value.toString('base64') : (value as Plain);
  }
}

function plainBranch({ types: branches }: types.WrappedUnionType, value: unknown): Plain {
  if (value === null) return null;
  const [[name, inner] = []] = Object.entries(value as object) as [string, unknown][];
  const branch = branches.find((one) => one.branchName === name);
  return branch === undefined ? null : plainAvro(branch, inner);
}
