import { Ajv, type ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { depthOf } from './json-depth.ts';
import { LinearPatterns } from './linear-patterns.ts';
import { referencedSchemas, type Parsed, type ResolveReference, type SchemaText } from './schema-text.ts';
import { uniqueItems } from './unique-items.ts';

const textDepthMax = 64;

/** Where and by which rule a value breaks the schema; null when it holds. @throws Error when judging takes too long */
export type JsonCheck = (value: unknown) => ErrorObject | null;

/**
 * A JSON Schema (draft 7, or 2020-12 by `$schema`), by `ajv`, which makes code of it (`new Function`) and has no other
 * way. `format` is an annotation, as the specification has it. Nothing is fetched: what `$ref` means is in the schema or
 * among its references. Patterns are run by RE2; one that it has nothing for is a problem, with its place.
 */
export function parseJsonSchema(schema: SchemaText, resolve: ResolveReference): Parsed<JsonCheck> {
  const needed = referencedSchemas(schema, resolve);
  if ('problem' in needed) return needed;
  const patterns = new LinearPatterns();
  const sources: { readonly name: string; readonly value: unknown }[] = [];
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
      // A payload says nothing of `toString` when it does not name it.
      ownProperties: true,
      logger: false,
      code: { regExp: patterns.engine },
    } as const;
    const ajv = /2019-09|2020-12/.test(draft) ? new Ajv2020(options) : new Ajv(options);
    ajv.removeKeyword('uniqueItems').addKeyword(uniqueItems);
    sources.push({ name: '', value });
    for (const { name, schema: other } of needed.value) {
      const referenced = JSON.parse(other.text) as object;
      sources.push({ name, value: referenced });
      ajv.addSchema(referenced, name);
    }
    const validate = ajv.compile(value);
    if ('$async' in validate) return { problem: '"$async" is not offered' };
    const check: JsonCheck = (judged) => {
      patterns.begin();
      return validate(judged) ? null : (validate.errors?.[0] ?? null);
    };
    return { value: check };
  } catch (error) {
    const [refused] = patterns.refused;
    if (refused === undefined) return { problem: error instanceof Error ? error.message : String(error) };
    return {
      problem: `${placeOf(refused.pattern, sources)} ${JSON.stringify(refused.pattern.slice(0, 120))} is not offered: ${refused.reason}`,
    };
  }
}

/** The first place of a pattern, as a JSON pointer behind `#`. */
function placeOf(pattern: string, sources: readonly { readonly name: string; readonly value: unknown }[]): string {
  for (const { name, value } of sources) {
    const found = pointerTo(pattern, value, '#');
    if (found !== null) return `${name}${found}`;
  }
  return 'the pattern';
}

function pointerTo(pattern: string, value: unknown, path: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const place = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (key === 'pattern' && inner === pattern) return place;
    if (key === 'patternProperties' && typeof inner === 'object' && inner !== null && Object.hasOwn(inner, pattern))
      return place;
    const found = pointerTo(pattern, inner, place);
    if (found !== null) return found;
  }
  return null;
}
