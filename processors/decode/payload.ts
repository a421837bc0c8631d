import { decodeBareValue } from './bare-value.ts';
import type { Decoded } from './decoder.ts';
import type { FieldNames } from './field-names.ts';
import { decodeJson, type ReadingLimits } from './json-object.ts';
import { refuse } from './refusal.ts';
import { decodeUtf8 } from './text.ts';

/**
 * What a payload says under its route: format `json` an object of fields, or an array of these (under a template with
 * `{field}` their names begin with it: `motor.speed`), format `value` one bare value of the topic's `{field}`, or with
 * `takesObjects` such an object.
 */
export function decodePayload(
  route: { readonly format: 'json' | 'value'; readonly field: string | null; readonly takesObjects?: boolean },
  payload: Uint8Array,
  limits: ReadingLimits,
  names: FieldNames,
): Decoded {
  const text = decodeUtf8(payload);
  if (text === null) return refuse('bad-text', 'the payload is not valid UTF-8');
  const isObject = route.format === 'json' || (route.takesObjects === true && text.trimStart().startsWith('{'));
  if (isObject) return decodeJson(text, route.field === null ? '' : `${route.field}.`, limits, names);

  const name = route.field ?? '';
  const value = decodeBareValue(text, name);
  if (typeof value === 'object') return value;
  const shape = names.hashOf(name);
  if (typeof shape !== 'number') return shape;
  return { fields: { [name]: value }, ownTimeUs: null, shape };
}
