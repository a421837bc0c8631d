import type { FieldValue } from '../../events/reading.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { DecodedPayload } from '../step.ts';
import type { Decoded } from './decoder.ts';
import { parseEventTime } from './event-time.ts';
import type { FieldNames } from './field-names.ts';
import { parseJson } from './json-text.ts';
import { quote, refuse, type Refusal } from './refusal.ts';
import { textProblem } from './text.ts';

/** Bounds of what one publish may say. */
export type ReadingLimits = Pick<
  ProcessingConfig['limits'],
  'depthMax' | 'fieldsPerReadingMax' | 'readingsPerPublishMax'
>;

type JsonObject = Record<string, unknown>;

interface Level {
  readonly object: JsonObject;
  /** What the names of its fields begin with: `motor.` */
  readonly prefix: string;
  /** 1 for the object itself. */
  readonly depth: number;
}

/** A payload of JSON: an object is one reading, an array of objects as many, each refused or taken alone. */
export function decodeJson(text: string, prefix: string, limits: ReadingLimits, names: FieldNames): Decoded {
  const parsed = parseJson(text);
  if ('reason' in parsed) return parsed;
  const { value } = parsed;
  if (!Array.isArray(value)) return decodeObject(value, prefix, limits, names);
  if (value.length === 0) return refuse('no-fields', 'the array is empty');
  return tooMany(value.length, limits) ?? value.map((item) => decodeObject(item, prefix, limits, names));
}

/** What is wrong with a publish of so many readings; null when nothing is. */
export function tooMany(readings: number, { readingsPerPublishMax }: ReadingLimits): Refusal | null {
  if (readings <= readingsPerPublishMax) return null;
  return refuse(
    'too-many-readings',
    `the payload holds ${readings} readings, at most ${readingsPerPublishMax} are taken`,
  );
}

/**
 * A JSON object as fields: nested objects flatten to `outer.inner`, null says nothing, the time is taken out.
 * Levels are worked off one by one, not by recursion, so that depth costs no stack.
 */
export function decodeObject(
  object: unknown,
  prefix: string,
  limits: ReadingLimits,
  names: FieldNames,
): DecodedPayload | Refusal {
  if (!isObject(object)) return refuse('wrong-shape', `a reading is ${kindOf(object)}, not an object`);
  const timeName = timeNameOf(object);
  const ownTimeUs = timeName === null ? null : parseEventTime(object[timeName]);
  if (ownTimeUs !== null && typeof ownTimeUs !== 'number') return ownTimeUs;

  const fields: Record<string, FieldValue> = {};
  const levels: Level[] = [{ object, prefix, depth: 1 }];
  let count = 0;
  let shape = 0;
  for (let at = 0; at < levels.length; at++) {
    const level = levels[at]!;
    for (const key in level.object) {
      if (level.depth === 1 && key === timeName) continue;
      const value = level.object[key];
      if (value === null) continue;
      const keyHash = names.hashOf(key);
      if (typeof keyHash !== 'number') return keyHash;
      const name = level.prefix === '' ? key : level.prefix + key;
      if (isObject(value)) {
        if (level.depth === limits.depthMax)
          return refuse('too-deep', `${quote(name)} is nested deeper than ${limits.depthMax}`);
        levels.push({ object: value, prefix: `${name}.`, depth: level.depth + 1 });
        continue;
      }
      const taken = takeValue(name, value);
      if (typeof taken === 'object') return taken;
      const hash = name === key ? keyHash : names.hashOf(name);
      if (typeof hash !== 'number') return hash;
      // {"a.b": 1, "a": {"b": 2}}
      if (at > 0 && Object.hasOwn(fields, name)) return refuse('bad-key', `field ${quote(name)} appears twice`);
      if (++count > limits.fieldsPerReadingMax) {
        return refuse('too-many-fields', `the reading has more than ${limits.fieldsPerReadingMax} fields`);
      }
      fields[name] = taken;
      shape += hash;
    }
  }
  if (count === 0) return refuse('no-fields', 'the object has no fields');
  return { fields, ownTimeUs, shape };
}

/** The name under which a reading has its time; null where it has none. */
export function timeNameOf(object: Readonly<Record<string, unknown>>): string | null {
  if (object.time !== undefined && object.time !== null) return 'time';
  if (object.timestamp !== undefined && object.timestamp !== null) return 'timestamp';
  if (object.ts !== undefined && object.ts !== null) return 'ts';
  return null;
}

function takeValue(name: string, value: unknown): FieldValue | Refusal {
  switch (typeof value) {
    case 'number':
      // + 0: minus zero is zero, as it is for everybody after MessagePack and JSON.
      if (Number.isFinite(value)) return value + 0;
      return refuse('not-finite', `${quote(name)} is beyond the range of a double`);
    case 'boolean':
      return value;
    case 'string':
      return textProblem(name, value) ?? value;
    default:
      return refuse(
        'wrong-shape',
        `${quote(name)} is an array; fields are numbers, booleans, texts or objects of these`,
      );
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return value === null ? 'null' : 'a bare value';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
