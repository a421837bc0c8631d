import avro, { type Schema, type Type } from 'avsc';
import { depthOf } from './json-depth.ts';
import { referencedSchemas, type Parsed, type ResolveReference, type SchemaText } from './schema-text.ts';

type ForSchemaOptions = NonNullable<Parameters<typeof avro.Type.forSchema>[1]>;

/** Levels of braces and brackets in a schema's text: its parser goes down by recursion. */
const textDepthMax = 64;

/**
 * An Avro schema (1.11), by `avsc`, which makes code of it (`new Function`): names are checked before they get there,
 * and sizes are those of the schema.
 */
export function parseAvro(schema: SchemaText, resolve: ResolveReference, options?: ForSchemaOptions): Parsed<Type> {
  const needed = referencedSchemas(schema, resolve);
  if ('problem' in needed) return needed;
  // Named types that one schema defines are known to those after it.
  const registry = { ...options?.registry };
  try {
    for (const { schema: other } of needed.value) forText(other.text, { ...options, registry });
    return { value: forText(schema.text, { ...options, registry }) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function forText(text: string, options: ForSchemaOptions): Type {
  const schema = JSON.parse(text) as Schema;
  if (depthOf(text) > textDepthMax) throw new Error(`it is nested deeper than ${textDepthMax} levels`);
  return avro.Type.forSchema(schema, { ...options, wrapUnions: 'always' });
}
