import { influxFieldName, influxTagName, influxText, influxTextFieldName } from '../../../events/influx-names.ts';
import type { TopicConfig } from '../../../infra/config/topic-schema.ts';
import { topicTags } from '../../../infra/config/topic-tags.ts';

/** The device whose series is read. */
export interface SeriesDevice {
  readonly key: string;
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Span {
  /** First and last time wanted, us, both included. */
  readonly fromUs: number;
  readonly toUs: number;
}

/** What a window that spans devices holds of a group of them. */
export interface GroupSeries {
  readonly window: string;
  readonly field: string;
  /** Name of the aggregate that is wanted. */
  readonly aggregate: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** InfluxQL for one device or group. Names and values are quoted; times are exact. */
export class Statements {
  readonly #tags: ReadonlySet<string>;

  /** Tags of tables, which tell no device apart and change with the table. */
  readonly #enriched: ReadonlySet<string>;

  constructor(topics: readonly TopicConfig[], enriched: readonly string[] = []) {
    this.#enriched = new Set(enriched);
    this.#tags = new Set([...topicTags(topics), ...enriched]);
  }

  /** Readings as they came: time, value; the first `limit`. */
  raw(device: SeriesDevice, field: string, span: Span, limit: number): string {
    const column = this.#column(field, device);
    return `SELECT ${column} FROM "readings" WHERE ${this.#where(device, span)} ORDER BY time ASC LIMIT ${limit}`;
  }

  /** Texts, newest first: time, text. */
  texts(device: SeriesDevice, field: string, span: Span, limit: number): string {
    const column = identifier(influxText(influxTextFieldName(field)));
    return `SELECT ${column} FROM "readings" WHERE ${this.#where(device, span)} ORDER BY time DESC LIMIT ${limit}`;
  }

  /** Time, count, sum, min, max of each step that holds readings. */
  buckets(device: SeriesDevice, field: string, span: Span, stepUs: number): string {
    const column = this.#column(field, device);
    const select = ['count', 'sum', 'min', 'max'].map((aggregate) => `${aggregate}(${column})`).join(', ');
    return `SELECT ${select} FROM "readings" WHERE ${this.#where(device, span)} GROUP BY time(${stepUs}u) fill(none)`;
  }

  /** Time and value of the last reading in the span. */
  last(device: SeriesDevice, field: string, span: Span): string {
    const column = this.#column(field, device);
    return `SELECT ${column} FROM "readings" WHERE ${this.#where(device, span)} ORDER BY time DESC LIMIT 1`;
  }

  /** Time, mean, min, max of the windows that begin in the span, newest first. */
  windows(device: SeriesDevice, field: string, window: string, policy: string, span: Span, limit: number): string {
    const where = `"window" = ${text(window)} AND "field" = ${text(field)} AND ${this.#where(device, span)}`;
    return `SELECT "mean", "min", "max" FROM ${identifier(policy)}."windows" WHERE ${where} ORDER BY time DESC LIMIT ${limit}`;
  }

  /** Like `windows`, of a group of devices, which its tags name; the value is what `aggregate` says. */
  groupWindows(group: GroupSeries, policy: string, span: Span, limit: number): string {
    const { window, field, aggregate, tags } = group;
    const named = Object.entries(tags).map(([name, value]) => `${identifier(influxTagName(name))} = ${text(value)}`);
    const where = [`"window" = ${text(window)}`, `"field" = ${text(field)}`, `"device" = ''`, ...named, within(span)];
    const from = `${identifier(policy)}."windows" WHERE ${where.join(' AND ')}`;
    return `SELECT ${identifier(aggregate)}, "min", "max" FROM ${from} ORDER BY time DESC LIMIT ${limit}`;
  }

  #column(field: string, { tags }: SeriesDevice): string {
    // Tags that payloads name themselves are known by the device that has them.
    const names = new Set([...this.#tags, ...Object.keys(tags)]);
    return identifier(influxText(influxFieldName(field, names)));
  }

  /** Tags of other topics' devices are asked to be absent: `plant1/press-7` is not `plant1/line2/press-7`. */
  #where({ key, device, tags }: SeriesDevice, span: Span): string {
    const conditions = [`"device" = ${text(device)}`];
    for (const name of new Set([...this.#tags, ...Object.keys(tags)])) {
      if (this.#enriched.has(name)) continue;
      conditions.push(`${identifier(influxTagName(name))} = ${text(tags[name] ?? '')}`);
    }
    conditions.push(`("key" = '' OR "key" = ${text(key)})`);
    conditions.push(within(span));
    return conditions.join(' AND ');
  }
}

/** The policy that keeps windows of a length (design: those of an hour and longer are kept for ever). */
export function windowPolicy(sizeUs: number): 'windows' | 'rollups' {
  return sizeUs >= 3_600_000_000 ? 'rollups' : 'windows';
}

function within({ fromUs, toUs }: Span): string {
  return `time >= ${nanoseconds(fromUs)} AND time <= ${nanoseconds(toUs)}`;
}

function identifier(name: string): string {
  return `"${name.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`;
}

function text(value: string): string {
  return `'${influxText(value)
    .replaceAll(/['\\]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)}'`;
}

function nanoseconds(timeUs: number): string {
  return timeUs === 0 ? '0' : `${timeUs}000`;
}
