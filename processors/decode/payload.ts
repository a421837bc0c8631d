import type { DecodedPayload } from '../step.ts';
import { decodeBareValue } from './bare-value.ts';
import type { FieldNames } from './field-names.ts';
import { decodeObject, type ObjectLimits } from './json-object.ts';
import { refuse, type Refusal } from './refusal.ts';
import type { Route } from './routes.ts';
import { decodeUtf8 } from './text.ts';

/**
 * What a payload says under its route: format `json` an object of fields (under a template with `{field}` their
 * names begin with it: `motor.speed`), format `value` one bare value of the topic's `{field}`.
 */
export function decodePayload(
  route: Pick<Route, 'format' | 'field'>,
  payload: Uint8Array,
  limits: ObjectLimits,
  names: FieldNames,
): DecodedPayload | Refusal {
  const text = decodeUtf8(payload);
  if (text === null) return refuse('bad-text', 'the payload is not valid UTF-8');
  if (route.format === 'json') return decodeObject(text, route.field === null ? '' : `${route.field}.`, limits, names);

  const name = route.field ?? '';
  const value = decodeBareValue(text, name);
  if (typeof value === 'object') return value;
  const shape = names.hashOf(name);
  if (typeof shape !== 'number') return shape;
  return { fields: { [name]: value }, ownTimeUs: null, shape };
}
