import type { SchemaType } from './schema-text.ts';

/** Payload formats that need a schema of the registry, and of which type. */
export const registryFormats: ReadonlyMap<string, SchemaType> = new Map([
  ['avro', 'AVRO'],
  ['protobuf', 'PROTOBUF'],
  ['json-schema', 'JSON'],
]);
