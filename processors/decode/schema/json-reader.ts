import type { ValidateFunction } from 'ajv';
import { depthOf } from '../../../infra/schemas/json-depth.ts';
import { parseJson } from '../json-text.ts';
import { refuse } from '../refusal.ts';
import { decodeUtf8 } from '../text.ts';
import type { Plain } from './plain-value.ts';
import type { SchemaReader } from './schema-readers.ts';

/** Levels of objects and arrays: a schema that refers to itself goes down by recursion. */
const depthMax = 64;

/** Reads JSON that a JSON Schema holds for. */
export function jsonReader(validate: ValidateFunction): SchemaReader {
  return (bytes) => {
    const text = decodeUtf8(bytes);
    if (text === null) return refuse('bad-text', 'the payload is not valid UTF-8');
    const depth = depthOf(text);
    if (depth > depthMax)
      return refuse('too-deep', `the payload is nested ${depth} levels deep, at most ${depthMax} are taken`);
    const parsed = parseJson(text);
    if ('reason' in parsed) return parsed;
    try {
      if (validate(parsed.value)) return { value: parsed.value as Plain };
    } catch (error) {
      return refuse('schema', error instanceof Error ? error.message.slice(0, 200) : String(error));
    }
    const [first] = validate.errors ?? [];
    const place = first?.instancePath === '' ? 'the value' : first?.instancePath.slice(0, 120);
    return refuse(
      'schema',
      `${place} ${first?.message?.slice(0, 200) ?? 'is not valid'} (${first?.schemaPath.slice(0, 120)})`,
    );
  };
}
