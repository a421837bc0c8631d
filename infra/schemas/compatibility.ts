import { avroProblems } from './avro-compatibility.ts';
import { parseAvro } from './parse-avro.ts';
import { parseJsonSchema } from './parse-json-schema.ts';
import { parseProtobuf } from './parse-protobuf.ts';
import { protobufProblems, reservedProblems } from './protobuf-compatibility.ts';
import type { ResolveReference, SchemaText } from './schema-text.ts';

/**
 * What a subject's new schema has to be to its old ones. BACKWARD: readers with the new one read what was written under
 * the old; FORWARD: the other way round; FULL: both. TRANSITIVE: not to the latest only, but to each.
 */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

export type CompatibilityLevel = (typeof compatibilityLevels)[number];

export const defaultLevel: CompatibilityLevel = 'BACKWARD';

/** Why the schema is none; null when it is one. */
export function schemaProblem(schema: SchemaText, resolve: ResolveReference): string | null {
  const parsed = parseOf(schema, resolve);
  return 'problem' in parsed ? parsed.problem : null;
}

function parseOf(schema: SchemaText, resolve: ResolveReference) {
  switch (schema.type) {
    case 'AVRO':
      return parseAvro(schema, resolve);
    case 'PROTOBUF':
      return parseProtobuf(schema, resolve);
    case 'JSON':
      return parseJsonSchema(schema, resolve);
  }
}

/** Whether a level can be judged for this type: of JSON Schema only NONE, which judges nothing. */
export function isOffered(level: CompatibilityLevel, type: SchemaText['type']): boolean {
  return level === 'NONE' || type !== 'JSON';
}

/**
 * What is wrong with `next` after `earlier` (oldest first) under a level that is offered; empty when nothing is.
 * @param earlier of the same subject, each a schema by itself
 */
export function compatibilityProblems(
  level: CompatibilityLevel,
  next: SchemaText,
  earlier: readonly (SchemaText & { readonly version: number })[],
  resolve: ResolveReference,
): string[] {
  if (level === 'NONE') return [];
  const judged = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1);
  return judged.flatMap((old) =>
    problemsBetween(level, next, old, resolve).map((problem) => `version ${old.version}: ${problem}`),
  );
}

function problemsBetween(
  level: CompatibilityLevel,
  next: SchemaText,
  old: SchemaText,
  resolve: ResolveReference,
): string[] {
  if (next.type !== old.type) return [`the schema type changes from ${old.type} to ${next.type}`];
  const isBackward = level.startsWith('BACKWARD') || level.startsWith('FULL');
  const isForward = level.startsWith('FORWARD') || level.startsWith('FULL');
  if (next.type === 'AVRO') {
    const [a, b] = [parseAvro(next, resolve), parseAvro(old, resolve)];
    if ('problem' in a) return [a.problem];
    if ('problem' in b) return [b.problem];
    return [
      ...(isBackward ? avroProblems(a.value, b.value) : []),
      ...(isForward ? avroProblems(b.value, a.value) : []),
    ];
  }
  const [a, b] = [parseProtobuf(next, resolve), parseProtobuf(old, resolve)];
  if ('problem' in a) return [a.problem];
  if ('problem' in b) return [b.problem];
  return [
    ...(isBackward ? protobufProblems(a.value, b.value) : []),
    ...(isForward ? protobufProblems(b.value, a.value) : []),
    ...reservedProblems(a.value, b.value),
  ];
}
