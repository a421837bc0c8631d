import type { HistoryAnswer } from '../../../events/api.ts';
import { gapUs } from '../../../events/device.ts';
import { bucketColumns, type Bucket } from './history-columns.ts';
import { queryInflux, type InfluxTarget } from './influx-query.ts';
import { windowPolicy, type GroupSeries, type Span, type Statements } from './statements.ts';

export interface GroupQuery extends Span {
  readonly key: string;
  readonly series: GroupSeries;
  /** Length of the windows, which follow each other. */
  readonly sizeUs: number;
  readonly points: number;
}

/** What the windows of a group of devices held, an aggregate of each with the least and greatest. @throws STORAGE_UNAVAILABLE */
export async function groupHistory(
  { influx, statements }: { readonly influx: InfluxTarget; readonly statements: Statements },
  { key, series, sizeUs, points, fromUs, toUs }: GroupQuery,
): Promise<HistoryAnswer> {
  const span = { fromUs, toUs };
  const statement = statements.groupWindows(series, windowPolicy(sizeUs), span, points + 1);
  const [rows] = await queryInflux(influx, [statement]);
  const buckets = rows!
    .slice(0, points)
    .toReversed()
    .filter((row) => row.every((cell) => cell !== null))
    .map(([startUs, value, min, max]): Bucket => {
      return { startUs: startUs as number, count: 1, sum: value as number, min: min as number, max: max as number };
    });
  const last = buckets.at(-1);
  const upToUs = last === undefined ? null : last.startUs + sizeUs;
  // One result comes for each length.
  const gap = gapUs(sizeUs);
  return {
    key,
    field: series.field,
    fromUs: rows!.length > points && buckets.length > 0 ? buckets[0]!.startUs : fromUs,
    toUs,
    kind: 'window',
    stepUs: sizeUs,
    ...bucketColumns(buckets, sizeUs, gap),
    gapUs: gap,
    upToUs,
    storedUpToUs: upToUs,
  };
}
