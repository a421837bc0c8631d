import protobuf from 'protobufjs';
import { EpochUs } from './avro-types.ts';
import type { Plain } from './plain-value.ts';

const timestampType = '.google.protobuf.Timestamp';
const wrapperType = /^\.google\.protobuf\.(Double|Float|Int64|UInt64|Int32|UInt32|Bool|String|Bytes)Value$/;

/**
 * A Protobuf message as `protobufjs` decoded it. A field that is not on the wire has its default where the schema
 * cannot tell whether it was set (proto3 without `optional`), and is left out where it can. Enums are their names (an
 * unknown one its number, as text), bytes base64, 64-bit integers doubles.
 */
export function plainMessage(type: protobuf.Type, message: Readonly<Record<string, unknown>>): Plain {
  if (type.fullName === timestampType) {
    const seconds = numberOf(message['seconds'] ?? 0);
    const nanos = numberOf(message['nanos'] ?? 0);
    return new EpochUs(Math.round(seconds * 1e6 + nanos / 1e3));
  }
  if (wrapperType.test(type.fullName))
    return plainField(type.fields['value']!, message['value'] ?? type.fields['value']!.typeDefault);
  const entries = type.fieldsArray.flatMap((field): [string, Plain][] => {
    const { name } = field;
    if (Object.hasOwn(message, name)) return [[name, plainOf(field, message[name])]];
    if (field.repeated || field.map || field.hasPresence || field.resolvedType instanceof protobuf.Type) return [];
    return [[name, plainField(field, field.typeDefault)]];
  });
  return Object.fromEntries(entries);
}

function plainOf(field: protobuf.Field, value: unknown): Plain {
  if (field.map)
    return Object.fromEntries(
      Object.entries(value as object).map(([key, item]) => [keyText(field, key), plainField(field, item)]),
    );
  return Array.isArray(value) ? value.map((item) => plainField(field, item)) : plainField(field, value);
}

function plainField(field: protobuf.Field, value: unknown): Plain {
  const { resolvedType } = field.resolve();
  if (resolvedType instanceof protobuf.Type) return plainMessage(resolvedType, value as Record<string, unknown>);
  if (resolvedType instanceof protobuf.Enum) return resolvedType.valuesById[Number(value)] ?? String(value);
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (value instanceof Uint8Array || Array.isArray(value)) return Buffer.from(value).toString('base64');
  return numberOf(value);
}

/** Keys of 64 bits are hashes of eight characters in protobufjs. */
function keyText(field: protobuf.Field, key: string): string {
  const keyType = field instanceof protobuf.MapField ? field.keyType : '';
  if (!/^(u?int64|sint64|s?fixed64)$/.test(keyType) || key.length !== 8) return key;
  const long = protobuf.util.longFromHash(key, /^u|^fixed/.test(keyType)) as { toString(): string };
  return long.toString();
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number(String(value));
}
