import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { depthOf } from './json-depth.ts';
import { referencedSchemas, type Parsed, type ResolveReference, type SchemaText } from './schema-text.ts';

const textDepthMax = 64;

/**
 * A JSON Schema (draft 7, or 2020-12 by `$schema`), by `ajv`, which makes code of it (`new Function`) and has no other
 * way. `format` is an annotation, as the specification has it. Nothing is fetched: what `$ref` means is in the schema or
 * among its references.
 */
export function parseJsonSchema(schema: SchemaText, resolve: ResolveReference): Parsed<ValidateFunction> {
  const needed = referencedSchemas(schema, resolve);
  if ('problem' in needed) return needed;
  try {
    if (depthOf(schema.text) > textDepthMax) return { problem: `it is nested deeper than ${textDepthMax} levels` };
    const value = JSON.parse(schema.text) as unknown;
    if (typeof value !== 'boolean' && (typeof value !== 'object' || value === null || Array.isArray(value)))
      return { problem: 'it is neither an object nor true or false' };
    const draft = typeof value === 'object' && '$schema' in value ? String(value.$schema) : '';
    // An own instance: schemas with the same $id do not meet.
    const options = {
      strict: false,
      validateFormats: false,
      allErrors: false,
      logger: false,
    } as const;
    const ajv = /2019-09|2020-12/.test(draft) ? new Ajv2020(options) : new Ajv(options);
    for (const { name, schema: other } of needed.value) ajv.addSchema(JSON.parse(other.text) as object, name);
    const validate = ajv.compile(value);
    if ('$async' in validate) return { problem: '"$async" is not offered' };
    return { value: validate };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
