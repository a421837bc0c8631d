import type { FieldValue } from '../../events/reading.ts';
import { quote } from './refusal.ts';

/** A line of InfluxDB's line protocol, its escapes resolved. */
export interface ParsedLine {
  readonly measurement: string;
  readonly tags: readonly (readonly [name: string, value: string])[];
  readonly fields: readonly (readonly [name: string, value: FieldValue])[];
  /** Digits, with a sign where it has one; null where the line has none. */
  readonly timestamp: string | null;
}

/** Why a line is none, with the column where. */
export interface LineProblem {
  readonly problem: string;
}

const float = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const integer = /^[-+]?\d{1,19}i$/;
const unsigned = /^\+?\d{1,20}u$/;
const trueTexts = new Set(['t', 'T', 'true', 'True', 'TRUE']);
const falseTexts = new Set(['f', 'F', 'false', 'False', 'FALSE']);

/**
 * One line, without its line break:
 *
 *     measurement[,tag=value...] field=value[,field=value...] [timestamp]
 *
 * After https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/: a backslash takes its meaning from comma,
 * space (and in names of tags and fields, and values of tags, the equals sign), in texts from quote and backslash;
 * elsewhere it is an ordinary character. Read once, from left to right.
 */
export function parseLine(line: string): ParsedLine | LineProblem {
  const cursor = new Cursor(line);
  const measurement = cursor.take(', ');
  if (measurement === '') return cursor.problem('the name of the measurement is missing');
  const tags: [string, string][] = [];
  while (cursor.skip(',')) {
    const name = cursor.take(',= ');
    if (name === '' || !cursor.skip('=')) return cursor.problem('a tag is not written name=value');
    const value = cursor.take(',= ');
    if (value === '') return cursor.problem(`tag ${quote(name)} has no value`);
    tags.push([name, value]);
  }
  if (!cursor.skipSpaces()) return cursor.problem('fields are missing');
  const fields: [string, FieldValue][] = [];
  do {
    const name = cursor.take(',= ');
    if (name === '' || !cursor.skip('=')) return cursor.problem('a field is not written name=value');
    const text = cursor.takeText();
    if (text !== null) {
      fields.push([name, text]);
      continue;
    }
    const written = cursor.takePlain();
    const value = valueOf(written);
    if (value === null) return cursor.problem(`field ${quote(name)} is ${quote(written)}, no value of line protocol`);
    fields.push([name, value]);
  } while (cursor.skip(','));
  const hasSpace = cursor.skipSpaces();
  const timestamp = cursor.takePlain();
  if (timestamp !== '' && (!hasSpace || !/^[-+]?\d{1,19}$/.test(timestamp)))
    return cursor.problem(`${quote(timestamp)} is no timestamp`);
  cursor.skipSpaces();
  if (!cursor.isAtEnd) return cursor.problem('something stands behind the timestamp');
  return { measurement, tags, fields, timestamp: timestamp === '' ? null : timestamp };
}

/** A number or boolean; integers beyond 2^53 become the nearest double. */
function valueOf(text: string): FieldValue | null {
  if (float.test(text)) return Number(text);
  if (integer.test(text) || unsigned.test(text)) return Number(text.slice(0, -1));
  if (trueTexts.has(text)) return true;
  return falseTexts.has(text) ? false : null;
}

class Cursor {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#line.length;
  }

  problem(what: string): LineProblem {
    return { problem: `${what} (column ${this.#at + 1})` };
  }

  skip(char: string): boolean {
    if (this.#line[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  skipSpaces(): boolean {
    const from = this.#at;
    while (this.skip(' '));
    return this.#at > from;
  }

  /** Up to one of the characters, which a backslash keeps from ending it. */
  take(ends: string): string {
    const line = this.#line;
    const from = this.#at;
    let hasEscape = false;
    for (; this.#at < line.length && !ends.includes(line[this.#at]!); this.#at++) {
      if (line[this.#at] !== '\\' || !escapable.has(line[this.#at + 1] ?? '')) continue;
      hasEscape = true;
      this.#at++;
    }
    const text = line.slice(from, this.#at);
    return hasEscape ? text.replaceAll(/\\([,= ])/g, '$1') : text;
  }

  /** A text in quotes; null where none begins, or none ends. */
  takeText(): string | null {
    const line = this.#line;
    if (line[this.#at] !== '"') return null;
    let end = this.#at + 1;
    for (; end < line.length && line[end] !== '"'; end++) {
      if (line[end] === '\\' && (line[end + 1] === '"' || line[end + 1] === '\\')) end++;
    }
    if (end >= line.length) return null;
    const text = line.slice(this.#at + 1, end).replaceAll(/\\(["\\])/g, '$1');
    this.#at = end + 1;
    return text;
  }

  /** Up to the next comma or space. */
  takePlain(): string {
    const from = this.#at;
    while (this.#at < this.#line.length && this.#line[this.#at] !== ',' && this.#line[this.#at] !== ' ') this.#at++;
    return this.#line.slice(from, this.#at);
  }
}

const escapable: ReadonlySet<string> = new Set([',', '=', ' ']);
