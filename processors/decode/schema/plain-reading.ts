import type { DecodedPayload } from '../../step.ts';
import type { Decoded } from '../decoder.ts';
import type { FieldNames } from '../field-names.ts';
import { decodeObject, tooMany, type ReadingLimits } from '../json-object.ts';
import { quote, refuse, type Refusal } from '../refusal.ts';
import { EpochUs } from './avro-types.ts';
import type { Plain } from './plain-value.ts';

type PlainObject = { [key: string]: Plain };

/** How the value of a payload becomes readings. */
export interface PlainReadings {
  /** Path of the list whose items are readings; null: the value is one, or a list of them. */
  readonly list: readonly string[] | null;
  readonly limits: ReadingLimits;
  readonly names: FieldNames;
}

/**
 * A value that has passed its schema as readings: nested objects flatten to `outer.inner`, items of lists to `list.0`,
 * and the time is taken out as it is of JSON.
 */
export function plainReadings(value: Plain, { list, limits, names }: PlainReadings): Decoded {
  const one = (item: Plain): DecodedPayload | Refusal => {
    if (!isObject(item)) return refuse('schema', 'a reading is no record but a bare value');
    return decodeObject(timed(item, limits.depthMax), '', limits, names);
  };
  if (list === null && !Array.isArray(value)) return one(value);
  let found: Plain | undefined = value;
  const name = list === null ? 'the list' : quote(list.join('.'));
  for (const key of list ?? []) found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  if (!Array.isArray(found)) return refuse('schema', `${name} is no list of readings`);
  if (found.length === 0) return refuse('schema', `${name} is empty`);
  return tooMany(found.length, limits) ?? found.map(one);
}

const timeNames = new Set(['time', 'timestamp', 'ts']);

/** Times in the unit in which each place reads them, lists as objects. Levels beyond the limit are refused later. */
function timed(object: PlainObject, depthMax: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      value instanceof EpochUs && timeNames.has(key) ? epochNumber(value) : fieldsOf(value, depthMax),
    ]),
  );
}

/**
 * As a number its magnitude says the unit, which for microseconds holds from 1973 on. What is before is refused as the
 * time of a clock that is not set, and so is 0.
 */
function epochNumber({ us }: EpochUs): number {
  return us < 1e14 ? 0 : us;
}

function fieldsOf(value: Plain, levels: number): unknown {
  // Milliseconds: what people take an epoch number for.
  if (value instanceof EpochUs) return value.us / 1_000;
  if (typeof value !== 'object' || value === null || levels < 0) return value;
  const entries = Array.isArray(value)
    ? value.map((item, i): [string, Plain] => [String(i), item])
    : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, fieldsOf(item, levels - 1)]));
}

function isObject(value: Plain | undefined): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof EpochUs);
}
