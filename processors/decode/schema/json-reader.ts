import type { ErrorObject } from 'ajv';
import { depthOf } from '../../../infra/schemas/json-depth.ts';
import type { JsonCheck } from '../../../infra/schemas/parse-json-schema.ts';
import { parseJson } from '../json-text.ts';
import { refuse } from '../refusal.ts';
import { decodeUtf8 } from '../text.ts';
import type { Plain } from './plain-value.ts';
import type { SchemaReader } from './schema-readers.ts';

/** Levels of objects and arrays: a schema that refers to itself goes down by recursion. */
const depthMax = 64;

/** Reads JSON that a JSON Schema holds for. */
export function jsonReader(check: JsonCheck): SchemaReader {
  return (bytes) => {
    const text = decodeUtf8(bytes);
    if (text === null) return refuse('bad-text', 'the payload is not valid UTF-8');
    const depth = depthOf(text);
    if (depth > depthMax)
      return refuse('too-deep', `the payload is nested ${depth} levels deep, at most ${depthMax} are taken`);
    const parsed = parseJson(text);
    if ('reason' in parsed) return parsed;
    let broken: ErrorObject | null;
    try {
      broken = check(parsed.value);
    } catch (error) {
      return refuse('schema', error instanceof Error ? error.message.slice(0, 200) : String(error));
    }
    if (broken === null) return { value: parsed.value as Plain };
    const { instancePath, message = 'is not valid', schemaPath } = broken;
    const place = instancePath === '' ? 'the value' : instancePath.slice(0, 120);
    return refuse('schema', `${place} ${message.slice(0, 200)} (${schemaPath.slice(0, 120)})`);
  };
}
