import {
  durationPrefix,
  influxFieldName,
  influxTagName,
  influxText,
  influxTextFieldName,
} from '../../events/influx-names.ts';
import type { DerivedReading, FieldValue, Reading } from '../../events/reading.ts';
import { optionalAggregateNames, windowAggregateNames, type WindowResult } from '../../events/window.ts';

/** Bytes that InfluxDB allows for measurement, tags and one field name together. */
export const seriesKeyBytesMax = 65_535;

/** One line, or the reason why the point cannot be written at all. */
export type Line =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'refused'; readonly detail: string };

/** The first part of a line, as it was last written for a tags object. */
export interface KnownSeries {
  readonly key: string;
  readonly device: string;
  readonly text: string;
  /** Names that a field of it is renamed for. */
  readonly tagNames: ReadonlySet<string>;
}

/** What the topics of the configuration mean for names. */
export interface LineNames {
  /** Placeholders of all topics: a field of such a name is renamed. */
  readonly tags: ReadonlySet<string>;
  /** Value of the tag `key`, for a device that its name and tags do not tell apart from another; else null. */
  keyTag(point: { key: string; device: string; tags: Readonly<Record<string, string>> }): string | null;
  /** Forgets a tags object when everybody else does. */
  readonly series: WeakMap<object, KnownSeries>;
}

/** A reading as line protocol, timestamp in nanoseconds. */
export function readingLine(reading: Reading, names: LineNames): Line {
  const { text, tagNames } = readingSeries(reading, names);
  return line(text, readingFields(reading.fields, tagNames), reading.timeUs);
}

/** Readings of one topic share their tags object: what was escaped for one serves the next. */
function readingSeries(reading: Reading, names: LineNames): KnownSeries {
  const { key, device, tags } = reading;
  const known = names.series.get(tags);
  if (known !== undefined && known.key === key && known.device === device) return known;
  const text = seriesKey('readings', [['device', device], ['key', names.keyTag(reading) ?? ''], ...topicTags(tags)]);
  const made = { key, device, text, tagNames: tagNamesOf(tags, names) };
  names.series.set(tags, made);
  return made;
}

/** Those of all topics, and of a payload that names tags itself. */
function tagNamesOf(tags: Reading['tags'], names: LineNames): ReadonlySet<string> {
  const own = Object.keys(tags);
  return own.every((name) => names.tags.has(name)) ? names.tags : new Set([...names.tags, ...own]);
}

/** What a custom processor computed: among the readings, told apart by the tag `processor`. */
export function derivedLine(derived: DerivedReading, names: LineNames): Line {
  const key = seriesKey('readings', [
    ['device', derived.device],
    ['key', names.keyTag(derived) ?? ''],
    ['processor', derived.processor],
    ...topicTags(derived.tags),
  ]);
  return line(key, readingFields(derived.fields, tagNamesOf(derived.tags, names)), derived.timeUs);
}

/** Nanoseconds of a microsecond: so many windows that begin in the same one, each after the other, are points of their own. */
const ordinalsEach = 1_000;

/** A closed window; its time is the window's start, and a nanosecond for each that may have begun at the same time. */
export function windowLine(window: WindowResult, names: LineNames): Line {
  const key = seriesKey('windows', [
    ['window', window.window],
    ['device', window.device],
    ['key', window.device === '' ? '' : (names.keyTag(window) ?? '')],
    ['field', window.field],
    ...topicTags(window.tags),
  ]);
  return line(key, windowFields(window), window.startUs, (window.ordinal ?? 0) % ordinalsEach);
}

/** What is computed of a window's field. Of a window that is no more all are 0, to cover what stood there before. */
function windowFields(window: WindowResult): Field[] {
  const fields: Field[] = [];
  for (const name of [...windowAggregateNames, ...optionalAggregateNames]) {
    const value = window[name];
    if (typeof value === 'number' && Number.isFinite(value)) fields.push([name, value]);
    else if (window.count === 0 && value === null) fields.push([name, 0]);
  }
  for (const [state, seconds] of Object.entries(window.durations ?? {}))
    fields.push([influxText(`${durationPrefix}${state}`), seconds]);
  fields.push(['revision', window.revision]);
  if (window.incomplete === true) fields.push(['incomplete', 1]);
  return fields;
}

type Field = readonly [name: string, value: number | string];

function readingFields(fields: Readonly<Record<string, FieldValue>>, tagNames: ReadonlySet<string>): Field[] {
  const result: Field[] = [];
  for (const name in fields) {
    const value = fields[name]!;
    if (typeof value === 'string') result.push([influxTextFieldName(name), value]);
    else if (typeof value === 'boolean') result.push([influxFieldName(name, tagNames), value ? 1 : 0]);
    else if (Number.isFinite(value)) result.push([influxFieldName(name, tagNames), value]);
  }
  return result;
}

function topicTags(tags: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(tags).map(([name, value]) => [influxTagName(name), value]);
}

/** Tags in the order of their names, as InfluxDB keeps them; it has no empty tag value, so such a tag is left out. */
function seriesKey(measurement: string, tags: readonly (readonly [string, string])[]): string {
  let key = measurement;
  const present = tags.filter(([name, value]) => name !== '' && value !== '');
  for (const [name, value] of present.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    key += `,${escapeName(name)}=${escapeName(influxText(value))}`;
  return key;
}

function line(key: string, fields: readonly Field[], timeUs: number, ns = 0): Line {
  if (fields.length === 0) return { kind: 'refused', detail: 'The point has no field that can be stored.' };
  if (!Number.isSafeInteger(timeUs))
    return { kind: 'refused', detail: `The time ${timeUs} is not whole microseconds.` };
  let text = '';
  let nameMax = 0;
  for (const [name, value] of fields) {
    if (name === '') return { kind: 'refused', detail: 'A field name is empty.' };
    nameMax = Math.max(nameMax, name.length);
    const written = typeof value === 'number' ? `${value}` : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
    text += `${text === '' ? '' : ','}${escapeName(name)}=${written}`;
  }
  // Three bytes are the most that one UTF-16 unit takes: the exact count is only needed near the limit.
  if ((key.length + nameMax) * 3 > seriesKeyBytesMax && Buffer.byteLength(key) + nameMax * 3 > seriesKeyBytesMax)
    return { kind: 'refused', detail: `Tags and field names take more than ${seriesKeyBytesMax} bytes.` };
  return { kind: 'line', text: `${key} ${text} ${nanoseconds(timeUs, ns)}` };
}

/** Exact: nanoseconds exceed 2^53, so digits are appended and nothing is multiplied. */
function nanoseconds(timeUs: number, ns: number): string {
  return timeUs === 0 ? String(ns) : `${timeUs}${String(ns).padStart(3, '0')}`;
}

/** Escapes a tag name, tag value or field name that `influxText` has been applied to. */
function escapeName(text: string): string {
  return /[,= ]/.test(text) ? text.replaceAll(/[,= ]/g, String.raw`\$&`) : text;
}
