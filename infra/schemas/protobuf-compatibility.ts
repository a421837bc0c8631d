import protobuf from 'protobufjs';
import type { ProtobufSchema } from './parse-protobuf.ts';

/**
 * Which changes of a Protobuf schema leave data readable: the rules of "Updating A Message Type"
 * (https://protobuf.dev/programming-guides/proto3/#updating) as the Confluent Schema Registry applies them.
 */

/** Types that read each other's bytes on the wire. Enums count as int32. */
const wireGroups: readonly (readonly string[])[] = [
  ['int32', 'uint32', 'int64', 'uint64', 'bool'],
  ['sint32', 'sint64'],
  ['string', 'bytes'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
];

/** Why data written under `writer` cannot be read under `reader`; empty when it can. */
export function protobufProblems(reader: ProtobufSchema, writer: ProtobufSchema): string[] {
  if (reader.packageName !== writer.packageName)
    return [`the package changes from "${writer.packageName}" to "${reader.packageName}"`];
  return compareMessages(writer.messages, reader.messages);
}

/**
 * What a new schema uses that an old one reserved: numbers and names of fields whose data may still be there.
 * Between one and the next only, whatever the level's direction.
 */
export function reservedProblems(next: ProtobufSchema, old: ProtobufSchema): string[] {
  const problems: string[] = [];
  const compare = (before: readonly protobuf.Type[], after: readonly protobuf.Type[]) => {
    for (const was of before) {
      const is = after.find(({ name }) => name === was.name);
      if (is === undefined) continue;
      for (const { id, name } of is.fieldsArray) {
        if (was.isReservedId(id)) problems.push(`${nameOf(is)}.${name}: number ${id} was reserved`);
        if (was.isReservedName(name)) problems.push(`${nameOf(is)}.${name}: the name was reserved`);
      }
      compare(messagesIn(was), messagesIn(is));
    }
  };
  compare(old.messages, next.messages);
  return problems;
}

function compareMessages(writers: readonly protobuf.Type[], readers: readonly protobuf.Type[]): string[] {
  return writers.flatMap((writer) => {
    const reader = readers.find(({ name }) => name === writer.name);
    if (reader === undefined) return [`message ${nameOf(writer)} is missing`];
    return [
      ...compareFields(writer, reader),
      ...compareOneofs(writer, reader),
      ...compareMessages(messagesIn(writer), messagesIn(reader)),
    ];
  });
}

function compareFields(writer: protobuf.Type, reader: protobuf.Type): string[] {
  const problems: string[] = [];
  for (const field of reader.fieldsArray) {
    const written = writer.fieldsById[field.id];
    const place = `${nameOf(reader)}.${field.name} (${field.id})`;
    if (written === undefined) {
      if (field.required) problems.push(`${place}: a required field is added`);
      continue;
    }
    const type = typeProblem(written, field);
    if (type !== null) problems.push(`${place}: ${type}`);
  }
  for (const field of writer.fieldsArray)
    if (field.required && reader.fieldsById[field.id] === undefined)
      problems.push(`${nameOf(writer)}.${field.name} (${field.id}): a required field is removed`);
  return problems;
}

function typeProblem(writer: protobuf.Field, reader: protobuf.Field): string | null {
  const change = `the type changes from ${typeText(writer)} to ${typeText(reader)}`;
  if (writer.map !== reader.map) return change;
  if (writer instanceof protobuf.MapField && reader instanceof protobuf.MapField)
    return sameOnWire(writer.keyType, reader.keyType) && sameOnWire(wireName(writer), wireName(reader)) ? null : change;
  if (!sameOnWire(wireName(writer), wireName(reader))) return change;
  if (writer.repeated === reader.repeated) return null;
  // Of several the last is read; numbers may be packed, which no single one is.
  const isText = ['string', 'bytes'].includes(writer.type) || writer.resolvedType instanceof protobuf.Type;
  return isText ? null : `a number becomes ${reader.repeated ? '' : 'not '}repeated`;
}

/** Fields that were in one oneof stay in it; one more field may come into it, not several. */
function compareOneofs(writer: protobuf.Type, reader: protobuf.Type): string[] {
  const problems: string[] = [];
  for (const oneof of realOneofs(writer)) {
    const after = realOneofs(reader).find(({ name }) => name === oneof.name);
    if (after === undefined) continue;
    for (const { id, name } of oneof.fieldsArray)
      if (!after.fieldsArray.some((field) => field.id === id))
        problems.push(`${nameOf(writer)}.${name} (${id}): is taken out of oneof ${oneof.name}`);
  }
  for (const oneof of realOneofs(reader)) {
    const before = realOneofs(writer).find(({ name }) => name === oneof.name);
    const moved = oneof.fieldsArray.filter(
      ({ id }) => writer.fieldsById[id] !== undefined && !before?.fieldsArray.some((field) => field.id === id),
    );
    if (moved.length > 1 || (moved.length === 1 && before !== undefined))
      problems.push(`${nameOf(reader)}: ${moved.map(({ name }) => name).join(', ')} move into oneof ${oneof.name}`);
  }
  return problems;
}

/** `optional` of proto3 is a oneof of its own, which nobody wrote. */
function realOneofs(type: protobuf.Type): protobuf.OneOf[] {
  return type.oneofsArray.filter(({ fieldsArray }) => !fieldsArray.some(({ options }) => options?.['proto3_optional']));
}

function messagesIn(type: protobuf.Type): protobuf.Type[] {
  return type.nestedArray.filter((one) => one instanceof protobuf.Type);
}

function nameOf({ fullName }: protobuf.Type): string {
  return fullName.replace(/^\./, '');
}

function wireName(field: protobuf.Field): string {
  const { resolvedType } = field.resolve();
  if (resolvedType instanceof protobuf.Enum) return 'int32';
  return resolvedType === null ? field.type : resolvedType.fullName;
}

function sameOnWire(a: string, b: string): boolean {
  return a === b || wireGroups.some((group) => group.includes(a) && group.includes(b));
}

function typeText(field: protobuf.Field): string {
  const type = field instanceof protobuf.MapField ? `map<${field.keyType}, ${field.type}>` : field.type;
  return field.repeated ? `repeated ${type}` : type;
}
