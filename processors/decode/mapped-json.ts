import type { FieldValue } from '../../events/reading.ts';
import type { TopicOf } from '../../infra/config/topic-schema.ts';
import type { DecodedPayload } from '../step.ts';
import type { Decoder } from './decoder.ts';
import { nameProblem, type FieldNames } from './field-names.ts';
import { timeNameOf, tooMany, type ReadingLimits } from './json-object.ts';
import { escapeKey, parsePath, pathText, scalarText, valueAt, type JsonPath } from './json-path.ts';
import { parseJson } from './json-text.ts';
import { noReading } from './no-reading.ts';
import { ReadingFields } from './reading-fields.ts';
import { quote, refuse, type Refusal } from './refusal.ts';
import { decodeUtf8 } from './text.ts';
import { timeReader } from './time-reader.ts';

type Json = Readonly<Record<string, unknown>> | readonly unknown[];

interface Level {
  readonly value: Json;
  /** What the names of its fields begin with: `motor.` */
  readonly prefix: string;
  /** Its place in the reading, `data.` */
  readonly path: string;
  /** 1 for the reading itself. */
  readonly depth: number;
  /** What is in it is taken even where the rest is dropped. */
  readonly isTaken: boolean;
}

/** JSON whose topic says where readings, devices, tags, times and fields stand; see `infra/config/topic-formats.ts`. */
export function mappedJson(topic: TopicOf<'json'>, limits: ReadingLimits, names: FieldNames): Decoder {
  const readings = topic.readings === undefined ? null : parsePath(topic.readings);
  /** Without `readings` the payload is the reading, or a list of them: only then do both begin at the same place. */
  const within = (text: string) => parsePath(text);
  const device = topic.device === undefined ? null : within(topic.device);
  const tags = Object.entries(topic.tags ?? {}).map(([name, text]) => [name, within(text)] as const);
  const time = topic.time === undefined ? null : within(topic.time);
  const readTime = timeReader(topic);
  const mapped = Object.entries(topic.fields ?? {}).map(([name, text]) => [name, within(text)] as const);
  const renamed = new Map(mapped.map(([name, { keys }]) => [pathText(keys), name]));
  /** Places on the way to a mapped field. */
  const onTheWay = new Set(mapped.flatMap(([, { keys }]) => keys.map((_, i) => pathText(keys.slice(0, i)))));
  const keepsRest = topic.rest !== 'drop';
  const indexes = topic.arrays === 'index';
  const consumed = new Set(
    [device, time, ...tags.map(([, path]) => path)]
      .filter((path): path is JsonPath => path !== null && (readings === null || !path.isFromTop))
      .map(({ keys }) => pathText(keys)),
  );

  const decodeOne = (reading: unknown, whole: unknown, prefix: string): DecodedPayload | Refusal => {
    if (!isObject(reading)) return refuse('wrong-shape', 'a reading is not an object');
    const find = ({ isFromTop, keys }: JsonPath) => valueAt(isFromTop ? whole : reading, keys);
    const timeName = time === null ? timeNameOf(reading) : null;
    const written = timeName === null ? time && find(time) : reading[timeName];
    const ownTimeUs = written === undefined || written === null ? null : readTime(written);
    if (ownTimeUs !== null && typeof ownTimeUs !== 'number') return ownTimeUs;
    const named = device === null ? undefined : nameOf(find(device), topic.device!);
    if (typeof named === 'object') return named;
    const ownTags: Record<string, string> = {};
    for (const [name, path] of tags) {
      const value = nameOf(find(path), topic.tags![name]!);
      if (typeof value === 'object') return value;
      if (value !== undefined) ownTags[name] = value;
    }

    const fields = new ReadingFields(limits, names);
    const levels: Level[] = [{ value: reading, prefix, path: '', depth: 1, isTaken: keepsRest }];
    for (let at = 0; at < levels.length; at++) {
      const level = levels[at]!;
      const problem = walk(level, timeName, fields, levels, prefix);
      if (problem !== null) return problem;
    }
    if (fields.count === 0) return withoutFields;
    const hasTags = tags.length > 0 && Object.keys(ownTags).length > 0;
    return fields.reading(ownTimeUs, {
      ...(named === undefined ? {} : { device: named }),
      ...(hasTags ? { tags: ownTags } : {}),
    });
  };

  /** Takes the values of one level, and leaves those below for later: depth costs no stack. */
  function walk(level: Level, timeName: string | null, fields: ReadingFields, levels: Level[], top: string) {
    for (const [key, value] of Object.entries(level.value)) {
      if (value === null || (level.depth === 1 && key === timeName)) continue;
      const path = level.path + escapeKey(key);
      if (consumed.has(path)) continue;
      const mapping = renamed.get(path);
      const isTaken = level.isTaken || mapping !== undefined;
      if (!isTaken && !onTheWay.has(path)) continue;
      // Also for the bound on names: what is below is called after it.
      const keyHash = isTaken ? names.hashOf(key) : 0;
      if (typeof keyHash !== 'number') return keyHash;
      const name = mapping === undefined ? level.prefix + key : top + mapping;
      if (isContainer(value) && (indexes || !Array.isArray(value))) {
        if (level.depth === limits.depthMax)
          return refuse('too-deep', `${quote(name)} is nested deeper than ${limits.depthMax}`);
        levels.push({ value, prefix: `${name}.`, path: `${path}.`, depth: level.depth + 1, isTaken });
        continue;
      }
      if (!isTaken) continue;
      if (isContainer(value)) return refuse('wrong-shape', `${quote(name)} is an array; arrays: index takes its items`);
      const problem = fields.add(name, value as FieldValue);
      if (problem !== null) return problem;
    }
    return null;
  }

  return ({ payload }, field) => {
    const text = decodeUtf8(payload);
    if (text === null) return refuse('bad-text', 'the payload is not valid UTF-8');
    const parsed = parseJson(text);
    if ('reason' in parsed) return parsed;
    const { value: whole } = parsed;
    const found = readings === null ? whole : valueAt(whole, readings.keys);
    if (found === undefined || found === null)
      return refuse('wrong-shape', `nothing stands at ${quote(topic.readings ?? '$')}, where the readings should be`);
    const prefix = field === null ? '' : `${field}.`;
    if (!Array.isArray(found)) {
      const decoded = decodeOne(found, whole, prefix);
      return decoded === withoutFields && topic.empty === 'drop' ? noReading : decoded;
    }
    if (found.length === 0) return refuse('no-fields', 'the array is empty');
    // Of a payload that is a list each item is its own top.
    const topOf = (item: unknown) => (readings === null ? item : whole);
    return tooMany(found.length, limits) ?? found.map((item) => decodeOne(item, topOf(item), prefix));
  };
}

const withoutFields = refuse('no-fields', 'the reading has none of the fields');

/** The name of a device or the value of a tag; undefined where none stands. */
function nameOf(value: unknown, path: string): string | undefined | Refusal {
  if (value === undefined || value === null) return undefined;
  const text = scalarText(value);
  if (text === null) return refuse('bad-key', `what stands at ${quote(path)} is no text or number`);
  return nameProblem(text) ?? text;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return isContainer(value) && !Array.isArray(value);
}

function isContainer(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
