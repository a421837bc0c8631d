import type { FieldValue } from '../../../events/reading.ts';
import type { DecodedPayload } from '../../step.ts';
import type { FieldNames } from '../field-names.ts';
import type { ReadingLimits } from '../json-object.ts';
import { quote, refuse, type Refusal } from '../refusal.ts';
import type { Declared } from './edge-nodes.ts';
import { metricValue } from './metric-value.ts';
import { wholeOf, type SparkplugMetric, type SparkplugPayload, type Whole } from '../../../infra/sparkplug/payload.ts';

/** Metrics that steer a session or take commands: they measure nothing. */
const controls = /^(?:bdSeq$|Node Control\/|Device Control\/)/;

/** A metric with its name and data type, whether it stands in the payload or in the birth. */
interface Named {
  readonly name: string;
  readonly type: number | null;
  readonly metric: SparkplugMetric;
}

/** Fields of one moment. */
interface Moment {
  readonly timeUs: number | null;
  fields: Record<string, FieldValue>;
  count: number;
  shape: number;
}

/** The name of a metric by itself or by the birth; null when neither says. */
export function nameOf(metric: SparkplugMetric, declared: Declared | null): string | null {
  if (metric.name) return metric.name;
  if (metric.alias === undefined || metric.alias === null) return null;
  return declared?.byAlias.get(wholeOf(metric.alias))?.name ?? null;
}

/**
 * The readings that metrics are: one for each of their timestamps, cut where it has more than `fieldsPerReadingMax`
 * fields; and why of those that cannot be fields. Members of a Template instance are `<template>/<member>`.
 *
 * @param extra fields beside the metrics, at the payload's own time
 */
export function metricReadings(
  payload: SparkplugPayload,
  declared: Declared | null,
  { limits, names }: { readonly limits: ReadingLimits; readonly names: FieldNames },
  extra: Readonly<Record<string, FieldValue>> = {},
): (DecodedPayload | Refusal)[] {
  const refused: Refusal[] = [];
  const readings: DecodedPayload[] = [];
  const moments = new Map<number | null, Moment>();
  const add = (timeUs: number | null, name: string, value: FieldValue) => {
    const hash = names.hashOf(name);
    if (typeof hash !== 'number') return void refused.push(hash);
    let moment = moments.get(timeUs);
    if (moment === undefined) moments.set(timeUs, (moment = { timeUs, fields: {}, count: 0, shape: 0 }));
    if (Object.hasOwn(moment.fields, name)) {
      return void refused.push(refuse('bad-key', `metric ${quote(name)} appears twice at one time`));
    }
    if (moment.count === limits.fieldsPerReadingMax) {
      readings.push(readingOf(moment));
      Object.assign(moment, { fields: {}, count: 0, shape: 0 });
    }
    moment.fields[name] = value;
    moment.count++;
    moment.shape += hash;
  };

  const payloadUs = timeOf(payload.timestamp);
  for (const { name, type, metric } of namedMetrics(payload.metrics, declared, limits.depthMax, refused)) {
    const value = metricValue(name, metric, type);
    if (value === null) continue;
    if (typeof value === 'object') refused.push(value);
    else add(timeOf(metric.timestamp) ?? payloadUs, name, value);
  }
  for (const [name, value] of Object.entries(extra))
    if (!Object.hasOwn(moments.get(payloadUs)?.fields ?? {}, name)) add(payloadUs, name, value);
  for (const moment of moments.values()) readings.push(readingOf(moment));
  return [...readings, ...refused];
}

function readingOf({ timeUs, fields, shape }: Moment): DecodedPayload {
  return { fields, ownTimeUs: timeUs, shape };
}

/** Templates are worked off one by one, not by recursion, so that depth costs no stack. */
function* namedMetrics(
  metrics: readonly SparkplugMetric[],
  declared: Declared | null,
  depthMax: number,
  refused: Refusal[],
): Generator<Named> {
  const levels = [{ prefix: '', metrics, depth: 1 }];
  for (const { prefix, metrics: within, depth } of levels) {
    for (const metric of within) {
      const own = prefix === '' ? nameOf(metric, declared) : (metric.name ?? null);
      if (own === null) {
        refused.push(refuse('not-sparkplug', `a metric${prefix && ` of template ${quote(prefix)}`} has no name`));
        continue;
      }
      if (prefix === '' && controls.test(own)) continue;
      const name = prefix + own;
      const template = metric.value === 'templateValue' ? metric.templateValue! : null;
      if (template?.isDefinition === true) continue;
      if (template === null) {
        const type = metric.datatype || (prefix === '' ? (declared?.byName.get(own)?.type ?? null) : null);
        yield { name, type, metric };
      } else if (depth === depthMax) {
        refused.push(refuse('too-deep', `template ${quote(name)} is nested deeper than ${depthMax}`));
      } else levels.push({ prefix: `${name}/`, metrics: template.metrics, depth: depth + 1 });
    }
  }
}

/** Epoch milliseconds as microseconds; null where there are none. */
function timeOf(timestamp: Whole | null | undefined): number | null {
  return timestamp === undefined || timestamp === null ? null : wholeOf(timestamp) * 1e3;
}
