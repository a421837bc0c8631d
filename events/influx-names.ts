import { optionalAggregateNames, windowAggregateNames } from './window.ts';

/**
 * How names appear in InfluxDB: what storage writes and what history asks for. A device, tag or field that InfluxDB
 * can hold keeps its name; the rest is renamed so that no two names become one.
 */

/** Fields of `windows` with the time in a state begin so. */
export const durationPrefix = 'duration_';

/** Tags of ours, InfluxDB's `time`, and the fields of `windows`: a topic's own tag of such a name is `<tag>_tag`. */
const reservedTags: ReadonlySet<string> = new Set<string>([
  ...'time device window field processor key revision'.split(' '),
  ...windowAggregateNames,
  ...optionalAggregateNames,
]);

/** The name of a topic's tag. */
export function influxTagName(name: string): string {
  return influxText(isReserved(name) ? `${name}_tag` : name);
}

/**
 * The name of a field with a number or boolean. A field called `time` or like a tag is `<field>_field`, and so is
 * `<x>_text`: names that end in `_text` belong to strings, whose type would otherwise clash.
 * @param tags names that tags of `readings` have: placeholders of the topics (`device` and `processor` are known)
 */
export function influxFieldName(name: string, tags: ReadonlySet<string>): string {
  let base = name;
  while (base.endsWith('_field')) base = base.slice(0, -'_field'.length);
  const taken = base === 'time' || base === 'device' || base === 'processor' || base === 'key' || tags.has(base);
  return influxText(taken || base.endsWith('_text') ? `${name}_field` : name);
}

/** The name under which a field's text is stored. */
export function influxTextFieldName(name: string): string {
  return influxText(`${name}_text`);
}

/** True for a reserved name and for what the suffix makes of one, so that renaming never collides. */
function isReserved(name: string): boolean {
  let base = name;
  while (base.endsWith('_tag')) base = base.slice(0, -'_tag'.length);
  return reservedTags.has(base) || base.startsWith(durationPrefix);
}

// Line protocol has no way to write a backslash before a separator or a line break, and drops leading white space.
// oxlint-disable-next-line no-control-regex
const unwritable = /[\\\0-\x1f\x7f]|%(?:5C|[01][0-9A-F]|7F|25)/;
// oxlint-disable-next-line no-control-regex
const encoded = /[\\\0-\x1f\x7f%]/g;

/**
 * A name or tag value as InfluxDB holds it. Text with a backslash or control character has these percent-encoded, and
 * so has text that looks encoded: different texts stay different.
 */
export function influxText(text: string): string {
  if (!unwritable.test(text)) return text;
  return text.replaceAll(encoded, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
