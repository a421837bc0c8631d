import { compileTemplate, templateTags } from '../../events/topics.ts';
import type { TopicOf } from '../../infra/config/topic-schema.ts';
import type { DecodedPayload } from '../step.ts';
import type { Decoder } from './decoder.ts';
import type { FieldNames } from './field-names.ts';
import { hashText } from './hash.ts';
import { tooMany, type ReadingLimits } from './json-object.ts';
import { parseLine, type ParsedLine } from './line-syntax.ts';
import { ReadingFields } from './reading-fields.ts';
import { quote, refuse, type Refusal } from './refusal.ts';
import { decodeUtf8 } from './text.ts';
import { nanosecondsToUs } from './time-reader.ts';

/** Names of precisions, those of both of InfluxDB's APIs, in us. Nanoseconds are read as digits. */
const precisionUs: Readonly<Record<string, number>> = {
  us: 1,
  u: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  h: 3_600e6,
};

/** Characters of a device name up to which the tags of its series are spelled out. */
const seriesCharsMax = 200;

/**
 * InfluxDB line protocol: a reading for each line, refused or taken alone; empty lines and comments are skipped. A field
 * is called `<measurement>.<field>`.
 *
 * The device is the first of the tags `device`, `host` (or what the topic says) that a line has, followed by its other
 * tags as the series writes them (`web1,cpu=cpu0`), the topic's `attributes` aside: what InfluxDB keeps apart as series is
 * apart here too, in windows and rules. All tags but `device` are tags of the reading.
 */
export function lineProtocol(topic: TopicOf<'line-protocol'>, limits: ReadingLimits, names: FieldNames): Decoder {
  const deviceTags = topic.device ?? ['device', 'host'];
  const attributes = new Set(topic.attributes);
  const hasDevice = compileTemplate(topic).levels.some(({ name }) => name === 'device');
  const taken = new Set(['device', ...templateTags(compileTemplate(topic))]);

  const decodeLine = (text: string, line: number, precision: string): DecodedPayload | Refusal => {
    const parsed = parseLine(text);
    if ('problem' in parsed) return refuse('malformed', `line ${line}: ${parsed.problem}`);
    const fields = new ReadingFields(limits, names);
    for (const [name, value] of parsed.fields) {
      const problem = fields.add(`${parsed.measurement}.${name}`, value);
      if (problem !== null) return { ...problem, detail: `line ${line}: ${problem.detail}` };
    }
    const { timestamp } = parsed;
    const ownTimeUs = timestamp === null ? null : timeOf(timestamp, precision);
    if (ownTimeUs !== null && !Number.isSafeInteger(ownTimeUs))
      return refuse('clock-unset', `line ${line}: ${timestamp} ${precision} is no time`);
    const sorted = parsed.tags.toSorted(([a], [b]) => (a < b ? -1 : 1));
    const twice = sorted.find(([name], i) => name === sorted[i + 1]?.[0]);
    if (twice !== undefined) return refuse('bad-key', `line ${line}: tag ${quote(twice[0])} appears twice`);
    const device = deviceOf(sorted);
    const tags = sorted.filter(([name]) => name !== 'device' || !deviceTags.includes(name));
    return fields.reading(ownTimeUs, {
      ...(device === null ? {} : { device }),
      ...(tags.length === 0 ? {} : { tags: Object.fromEntries(tags.map(([name, value]) => [tagName(name), value])) }),
    });
  };

  /** Null where neither the line nor the topic's options name one. */
  const deviceOf = (tags: ParsedLine['tags']): string | null => {
    const by = deviceTags.find((name) => tags.some(([tag]) => tag === name));
    const base = by === undefined ? topic.defaultDevice : tags.find(([tag]) => tag === by)![1];
    const others = tags.filter(([name]) => name !== by && !attributes.has(name));
    // Under a topic that is a device itself the series may be all that tells lines apart.
    if (base === undefined && (!hasDevice || others.length === 0)) return null;
    const series = others.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join();
    const parts = [...(base === undefined ? [] : [escaped(base)]), ...(series === '' ? [] : [series])];
    const name = parts.join();
    if (name.length <= seriesCharsMax || series === '') return name;
    const digest = [0, 1].map((seed) => hashText(series, seed).toString(16).padStart(8, '0')).join('');
    return base === undefined ? `=${digest}` : `${escaped(base)},=${digest}`;
  };

  /** A tag called like a name of the topic is `<tag>_tag`. */
  const tagName = (name: string): string => (taken.has(name) ? `${name}_tag` : name);

  return ({ payload }, said) => {
    const precision = said ?? topic.precision ?? 'ns';
    if (precision !== 'ns' && precision !== 'n' && !Object.hasOwn(precisionUs, precision))
      return refuse('malformed', `${quote(precision)} is no precision; there are ns, us, ms, s, m and h`);
    const text = decodeUtf8(payload);
    if (text === null) return refuse('bad-text', 'the payload is not valid UTF-8');
    const lines = text
      .split('\n')
      .map((line, i) => [line.trim(), i + 1] as const)
      .filter(([line]) => line !== '' && !line.startsWith('#'));
    if (lines.length === 0) return refuse('malformed', 'the payload has no line');
    const problem = tooMany(lines.length, limits);
    if (problem !== null) return problem;
    const readings = lines.map(([line, number]) => decodeLine(line, number, precision));
    return readings.length === 1 ? readings[0]! : readings;
  };
}

/** As line protocol writes it, so that different series have different names. */
function escaped(text: string): string {
  return text.replaceAll(/[,= \\]/g, (char) => (char === ' ' ? char : `\\${char}`));
}

function timeOf(timestamp: string, precision: string): number {
  if (precision !== 'ns' && precision !== 'n') return Number(timestamp) * precisionUs[precision]!;
  // Times before 1970 are refused as not set all the same.
  return timestamp.startsWith('-') ? Number(timestamp) / 1e3 : nanosecondsToUs(timestamp.replace('+', ''));
}
