import { influxTagName, influxText } from '../../events/influx-names.ts';
import type { DeviceErased } from '../../events/erased.ts';
import { compileTemplate, type TopicTemplate } from '../../events/topics.ts';
import type { Generation, InfluxConnection } from './influx-connection.ts';
import { queryInflux } from './influx-query.ts';
import type { LineNames } from './line-protocol.ts';
import { policies, type Policy } from './retention.ts';

/**
 * The points of a device that one lane writes: each lane deletes its own when it comes to the erasure in its stream,
 * whatever the others have read until then.
 */
export type ErasedPart = 'readings' | 'derived' | 'windows';

/** Tags of a device's series: what each has to be, empty where it has to be absent. */
export type SeriesTags = readonly (readonly [name: string, value: string])[];

/**
 * What tells a device's series from all others: its name, the tags that its topic gives, and that those of other
 * topics' devices are absent. Tags that tables or payloads add tell no device apart.
 */
export function seriesTags(
  { key, series }: Pick<DeviceErased, 'key' | 'series'>,
  topics: readonly TopicTemplate[],
  names: Pick<LineNames, 'keyTag'>,
): SeriesTags {
  const levels = topics.flatMap((topic) => compileTemplate(topic).levels.map(({ name }) => name));
  const placeholders = new Set(levels.filter((name) => name !== '' && name !== 'device' && name !== 'field'));
  for (const name of Object.keys(series.tags)) placeholders.add(name);
  const tags = [...placeholders].map((name) => [influxTagName(name), influxText(series.tags[name] ?? '')] as const);
  return [['device', influxText(series.device)], ['key', influxText(names.keyTag({ key, ...series }) ?? '')], ...tags];
}

/**
 * Deletes a device's points. Safe to repeat.
 * @throws HttpError, network errors, or Error with what cannot be done or InfluxDB refuses
 */
export async function eraseSeries(
  connection: InfluxConnection,
  generation: Generation,
  part: ErasedPart,
  tags: SeriesTags,
  signal: AbortSignal,
): Promise<void> {
  const measurement = part === 'windows' ? 'windows' : 'readings';
  if (generation === 1) {
    const conditions = tags.map(([name, value]) => `${identifier(name)} = ${text(value)}`);
    if (part !== 'windows') conditions.push(`"processor" ${part === 'derived' ? '!=' : '='} ''`);
    await queryInflux(connection, `DROP SERIES FROM "${measurement}" WHERE ${conditions.join(' AND ')}`, signal);
    return;
  }
  // Its predicates know equality alone: what has to be absent cannot be said, nor "of any processor".
  const present = tags.filter(([, value]) => value !== '');
  const predicate = [`_measurement="${measurement}"`, ...present.map(([name, value]) => `${name}=${quoted(value)}`)];
  const span = { start: '1677-09-21T00:12:44Z', stop: '2262-04-11T23:47:16Z' };
  for (const policy of policies.filter((one) => isWritten(measurement, one))) {
    const query = new URLSearchParams({ org: connection.org, bucket: `${connection.bucket}/${policy}` });
    const body = { ...span, predicate: predicate.join(' AND ') };
    await connection.send('POST', `/api/v2/delete?${query}`, body, signal);
  }
}

/** On 2.x a predicate without what is absent would also delete these; null where it is exact. */
export function ambiguity(tags: SeriesTags): string | null {
  const absent = tags.filter(([name, value]) => value === '' && name !== 'key').map(([name]) => name);
  return absent.length === 0 ? null : `a device of the same name and tags may have ${absent.join(' or ')} besides`;
}

function isWritten(measurement: string, policy: Policy): boolean {
  return (measurement === 'readings') === (policy === 'readings');
}

function identifier(name: string): string {
  return `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function text(value: string): string {
  return `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
