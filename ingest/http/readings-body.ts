import type { ReadingTopics } from './reading-topics.ts';
import { RequestRefused } from './answer.ts';

/** A publish that a request stands for. */
export interface Publish {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface ReadingsLimits {
  readonly payloadMax: number;
  readonly depthMax: number;
  /** Readings of one request. */
  readonly readingsMax: number;
}

type Json = Readonly<Record<string, unknown>>;

const keys = new Set(['device', 'tags', 'time', 'fields']);
/** Names under which a payload says its time (`processors/decode/json-object.ts`). */
const timeNames = ['time', 'timestamp', 'ts'];

/**
 * `{device, tags?, time?, fields}`, or an array of these, as the JSON that each device would have published: its fields
 * and `time`. All or nothing: one that is wrong refuses the request.
 * @throws RequestRefused 400 and 413 with the path of what is wrong
 */
export function readingsIn(body: Uint8Array, topics: ReadingTopics, limits: ReadingsLimits): Publish[] {
  const parsed = parse(body);
  if (!Array.isArray(parsed)) return [publishOf(parsed, '', topics, limits)];
  if (parsed.length === 0) throw wrong('', 'the array is empty');
  if (parsed.length > limits.readingsMax)
    throw new RequestRefused(
      413,
      'too-many-readings',
      `${parsed.length} readings, at most ${limits.readingsMax} a request.`,
    );
  return parsed.map((item, i) => publishOf(item, `[${i}]`, topics, limits));
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong('', `the body is not valid JSON: ${error.message.slice(0, 160)}`);
    throw wrong('', 'the body is not valid UTF-8');
  }
}

function publishOf(item: unknown, path: string, topics: ReadingTopics, limits: ReadingsLimits): Publish {
  if (!isObject(item)) throw wrong(path, 'must be an object {device, tags, time, fields}');
  for (const key of Object.keys(item))
    if (!keys.has(key)) throw wrong(`${path}.${key}`, 'is not known: a reading has device, tags, time and fields');
  const { device, tags = {}, time, fields } = item;
  if (typeof device !== 'string') throw wrong(`${path}.device`, 'must be text');
  if (!isObject(tags)) throw wrong(`${path}.tags`, 'must be an object of texts');
  for (const [name, value] of Object.entries(tags))
    if (typeof value !== 'string') throw wrong(`${path}.tags.${name}`, 'must be text');
  if (time !== undefined && typeof time !== 'string' && typeof time !== 'number')
    throw wrong(`${path}.time`, 'must be ISO 8601 text or an epoch number');
  if (!isObject(fields) || Object.keys(fields).length === 0)
    throw wrong(`${path}.fields`, 'must be an object of at least one field');
  for (const name of timeNames)
    if (Object.hasOwn(fields, name))
      throw wrong(`${path}.fields.${name}`, 'is a time: it stands beside fields, as time');
  checkValues(fields, `${path}.fields`, limits.depthMax);
  if (typeof time === 'number' && !Number.isFinite(time)) throw wrong(`${path}.time`, 'is not a finite number');

  const found = topics.of(device, tags as Readonly<Record<string, string>>);
  if ('problem' in found) throw wrong(path, found.problem);
  const payload = Buffer.from(JSON.stringify(time === undefined ? fields : { ...fields, time }));
  if (payload.length > limits.payloadMax)
    throw new RequestRefused(
      413,
      'too-large',
      `${placeOf(path)}: ${payload.length} bytes of fields, at most ${limits.payloadMax} a reading (limits.payloadMax).`,
    );
  return { topic: found.topic, payload };
}

/** Level by level, not by recursion: depth costs no stack, and what passes can be written as JSON again. */
function checkValues(fields: Json, path: string, depthMax: number): void {
  let level: { readonly value: object; readonly path: string }[] = [{ value: fields, path }];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > depthMax) throw wrong(level[0]!.path, `is nested deeper than ${depthMax} levels (limits.depthMax)`);
    const next: typeof level = [];
    for (const { value, path: at } of level)
      for (const [name, inner] of Object.entries(value)) {
        const place = `${at}.${name}`;
        if (typeof inner === 'number' && !Number.isFinite(inner)) throw wrong(place, 'is beyond the range of a double');
        if (typeof inner === 'object' && inner !== null) next.push({ value: inner as object, path: place });
      }
    level = next;
  }
}

function wrong(path: string, message: string): RequestRefused {
  return new RequestRefused(400, 'bad-reading', `${placeOf(path)}: ${message}.`);
}

const pathCharsMax = 200;

function placeOf(path: string): string {
  if (path === '') return 'body';
  return path.replace(/^\./, '').slice(0, pathCharsMax);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
