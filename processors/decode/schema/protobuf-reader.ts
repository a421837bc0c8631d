import protobuf from 'protobufjs';
import type { ProtobufSchema } from '../../../infra/schemas/parse-protobuf.ts';
import { quote, refuse, type Refusal } from '../refusal.ts';
import type { Plain } from './plain-value.ts';
import { plainMessage } from './protobuf-value.ts';
import type { SchemaReader } from './schema-readers.ts';

type Read = { readonly value: Plain } | Refusal;

/** Message types nest this deep at most; so many indexes name one. */
const indexesMax = 16;

/**
 * Reads Protobuf's wire format. Behind a schema id stand the message's indexes: their number and each of them as zigzag
 * varints, or a single 0 for the first message
 * (https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format).
 * Clients that leave them out (`@kafkajs/confluent-schema-registry` does) are understood, too: a message cannot begin
 * with 0 or a number of indexes below 4, and where it could be either, indexes are only taken if they name a message
 * that the rest can be read as.
 */
export function protobufReader(schema: ProtobufSchema): SchemaReader {
  const first = schema.messages[0]!;
  return (bytes, choice) => {
    if (choice.kind === 'named') {
      const type = choice.name === null ? first : named(schema, choice.name);
      if (type !== null) return read(type, bytes);
      return refuse('unknown-schema', `the schema has no message ${quote(choice.name!)}`);
    }
    if (bytes.length === 0) return read(first, bytes);
    if (bytes[0] === 0) return read(first, bytes.subarray(1));
    const indexes = indexesOf(bytes);
    const type = indexes === null ? null : indexed(schema, indexes.path);
    const isSurely = bytes[0]! < 8;
    if (type === null || indexes === null)
      return isSurely ? refuse('schema', 'its message indexes name no message of the schema') : read(first, bytes);
    const asIndexed = read(type, bytes.subarray(indexes.end));
    return 'value' in asIndexed || isSurely ? asIndexed : read(first, bytes);
  };
}

function read(type: protobuf.Type, bytes: Buffer): Read {
  try {
    const message = type.decode(bytes);
    return { value: plainMessage(type, message) };
  } catch (error) {
    const rule = error instanceof Error ? error.message.slice(0, 200) : String(error);
    return refuse('schema', `${type.fullName.replace(/^\./, '')}: ${rule}`);
  }
}

function indexesOf(bytes: Buffer): { readonly path: readonly number[]; readonly end: number } | null {
  let at = 0;
  const next = (): number | null => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return null;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    return null;
  };
  const count = next();
  if (count === null || count < 1 || count > indexesMax) return null;
  const path: number[] = [];
  for (let i = 0; i < count; i++) {
    const index = next();
    if (index === null || index < 0) return null;
    path.push(index);
  }
  return { path, end: at };
}

function indexed({ messages }: ProtobufSchema, path: readonly number[]): protobuf.Type | null {
  let level: readonly protobuf.Type[] = messages;
  let found: protobuf.Type | null = null;
  for (const index of path) {
    found = level[index] ?? null;
    if (found === null) return null;
    level = found.nestedArray.filter((one) => one instanceof protobuf.Type);
  }
  return found;
}

function named({ root, packageName, messages }: ProtobufSchema, name: string): protobuf.Type | null {
  const path = packageName === '' || name.startsWith(`${packageName}.`) ? name : `${packageName}.${name}`;
  const found = messages.find((one) => one.name === name) ?? root.lookup(path);
  return found instanceof protobuf.Type ? found : null;
}
