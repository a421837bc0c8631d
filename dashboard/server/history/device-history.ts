import type { HistoryAnswer } from '../../../events/api.ts';
import { gapUs } from '../../../events/device.ts';
import type { DeviceState } from '../../../events/device.ts';
import type { FieldValue } from '../../../events/reading.ts';
import { addToBuckets, bucketColumns, bucketStepUs, pointColumns, textColumns } from './history-columns.ts';
import type { Bucket, Point } from './history-columns.ts';
import { queryInflux } from './influx-query.ts';
import type { InfluxRows, InfluxTarget } from './influx-query.ts';
import type { LiveTail } from './live-tail.ts';
import { windowPolicy } from './statements.ts';
import type { Span, Statements } from './statements.ts';

export interface HistoryQuery extends Span {
  readonly field: string;
  readonly points: number;
  readonly window: { readonly name: string; readonly sizeUs: number } | null;
}

export interface HistorySources {
  readonly influx: InfluxTarget;
  readonly statements: Statements;
  readonly tail: LiveTail;
}

type Found = Pick<
  HistoryAnswer,
  'kind' | 'stepUs' | 'timesUs' | 'values' | 'min' | 'max' | 'texts' | 'upToUs' | 'storedUpToUs'
> & { readonly fromUs?: number };

/**
 * A field of a device over time: readings as they came while there are at most `points` of them, else what each
 * bucket holds; or the windows of a name. @throws STORAGE_UNAVAILABLE
 */
export async function deviceHistory(
  sources: HistorySources,
  device: DeviceState,
  query: HistoryQuery,
): Promise<HistoryAnswer> {
  const state = device.fields[query.field];
  const gap = gapUs(state?.intervalUs ?? null);
  const found =
    query.window !== null
      ? await windows(sources, device, query, query.window, gap)
      : typeof state?.value === 'string'
        ? await texts(sources, device, query, gap)
        : await readings(sources, device, query, gap);
  const { key } = device;
  const { field, fromUs, toUs } = query;
  return { key, field, fromUs, toUs, gapUs: gap, ...found };
}

async function readings(
  sources: HistorySources,
  device: DeviceState,
  query: HistoryQuery,
  gap: number,
): Promise<Found> {
  const { influx, statements } = sources;
  const { field, points: pointsMax, fromUs, toUs } = query;
  const [rows] = await queryInflux(influx, [statements.raw(device, field, query, pointsMax + 1)]);
  if (rows!.length <= pointsMax) {
    const stored = rows!.map(([timeUs, value]): Point => ({ timeUs: timeUs as number, value: value as number }));
    const storedUpToUs = stored.at(-1)?.timeUs ?? null;
    const points = [...stored, ...tailPoints(sources.tail, device.key, query, storedUpToUs)];
    return {
      kind: 'raw',
      stepUs: null,
      ...pointColumns(points, gap),
      upToUs: points.at(-1)?.timeUs ?? null,
      storedUpToUs,
    };
  }
  const stepUs = bucketStepUs(toUs - fromUs, pointsMax);
  // The last reading bounds the buckets, so that one stored in between is not taken twice, from here and from the feed.
  const [lastRows] = await queryInflux(influx, [statements.last(device, field, query)]);
  const storedUpToUs = lastRows![0]![0] as number;
  const [bucketRows] = await queryInflux(influx, [
    statements.buckets(device, field, { fromUs, toUs: storedUpToUs }, stepUs),
  ]);
  const tail = tailPoints(sources.tail, device.key, query, storedUpToUs);
  const buckets = addToBuckets(bucketRows!.map(bucketOf), tail, stepUs);
  const upToUs = tail.at(-1)?.timeUs ?? storedUpToUs;
  return { kind: 'buckets', stepUs, ...bucketColumns(buckets, stepUs, gap), upToUs, storedUpToUs };
}

async function texts(sources: HistorySources, device: DeviceState, query: HistoryQuery, gap: number): Promise<Found> {
  const { influx, statements, tail } = sources;
  const { field, points: pointsMax, fromUs, toUs } = query;
  const [rows] = await queryInflux(influx, [statements.texts(device, field, query, pointsMax + 1)]);
  // Too many: the newest, and the answer says where it begins.
  const kept = rows!.slice(0, pointsMax).toReversed();
  const stored = kept.map(([timeUs, text]) => ({ timeUs: timeUs as number, text: text as string }));
  const storedUpToUs = stored.at(-1)?.timeUs ?? null;
  const later = tail.of(device.key, field, storedUpToUs ?? fromUs - 1, toUs).flatMap(({ time, fields }) => {
    const text = fields[field];
    return typeof text === 'string' ? [{ timeUs: time, text }] : [];
  });
  const points = [...stored, ...later];
  const upToUs = points.at(-1)?.timeUs ?? null;
  const cut = rows!.length > pointsMax ? { fromUs: stored[0]!.timeUs } : {};
  return { kind: 'text', stepUs: null, ...textColumns(points, gap), upToUs, storedUpToUs, ...cut };
}

async function windows(
  { influx, statements }: HistorySources,
  device: DeviceState,
  query: HistoryQuery,
  { name, sizeUs }: NonNullable<HistoryQuery['window']>,
  gap: number,
): Promise<Found> {
  const policy = windowPolicy(sizeUs);
  const [rows] = await queryInflux(influx, [
    statements.windows(device, query.field, name, policy, query, query.points + 1),
  ]);
  const kept = rows!.slice(0, query.points).toReversed();
  const buckets = kept.map(([startUs, mean, min, max]): Bucket => {
    return { startUs: startUs as number, count: 1, sum: mean as number, min: min as number, max: max as number };
  });
  const last = buckets.at(-1);
  const upToUs = last === undefined ? null : last.startUs + sizeUs;
  const cut = rows!.length > query.points ? { fromUs: buckets[0]!.startUs } : {};
  return {
    kind: 'window',
    stepUs: sizeUs,
    ...bucketColumns(buckets, sizeUs, gap),
    upToUs,
    storedUpToUs: upToUs,
    ...cut,
  };
}

function tailPoints(
  tail: LiveTail,
  key: string,
  { field, fromUs, toUs }: HistoryQuery,
  storedUpToUs: number | null,
): Point[] {
  return tail.of(key, field, storedUpToUs ?? fromUs - 1, toUs).flatMap(({ time, fields }) => {
    const value = numberOf(fields[field]);
    return value === null ? [] : [{ timeUs: time, value }];
  });
}

/** Booleans are stored as 1 and 0. */
function numberOf(value: FieldValue | undefined): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' ? value : null;
}

function bucketOf([startUs, count, sum, min, max]: InfluxRows[number]): Bucket {
  return {
    startUs: startUs as number,
    count: count as number,
    sum: sum as number,
    min: min as number,
    max: max as number,
  };
}
