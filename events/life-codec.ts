import type { DeviceSeries, LifeOperation } from './record.ts';

/** Device-life operations in the container of LOG messages; the layout stands in `record-codec.ts`. */

type Row = readonly unknown[];

export function toOperationRow(operation: LifeOperation): Row {
  const { key } = operation;
  switch (operation.kind) {
    case 'rename':
      return [1, key, operation.label];
    case 'replace':
      return replaceRow(operation);
    case 'retire':
      return [3, key];
    case 'revive':
      return [4, key];
    case 'erase':
      return [5, key, operation.series.device, operation.series.tags];
    case 'undo-rename':
      return [6, key];
    case 'undo-replace':
      return [7, key, operation.by];
    case 'give':
      return [8, key, operation.to, operation.partition, operation.series.device, operation.series.tags];
    case 'release':
      return [9, key, operation.to, operation.partition];
  }
}

function replaceRow({ key, by, series, partition }: Extract<LifeOperation, { kind: 'replace' }>): Row {
  const row = [2, key, by, series.device, series.tags];
  return partition === undefined ? row : [...row, partition];
}

/** @throws RangeError */
export function fromOperationRow(row: Row): LifeOperation {
  const key = row[1] as string;
  switch (row[0]) {
    case 1:
      return { kind: 'rename', key, label: row[2] as string };
    case 2:
      return {
        kind: 'replace',
        key,
        by: row[2] as string,
        series: seriesOf(row[3], row[4]),
        ...(typeof row[5] === 'number' && { partition: row[5] }),
      };
    case 3:
      return { kind: 'retire', key };
    case 4:
      return { kind: 'revive', key };
    case 5:
      return { kind: 'erase', key, series: seriesOf(row[2], row[3]) };
    case 6:
      return { kind: 'undo-rename', key };
    case 7:
      return { kind: 'undo-replace', key, by: row[2] as string };
    case 8:
      return {
        kind: 'give',
        key,
        to: row[2] as string,
        partition: row[3] as number,
        series: seriesOf(row[4], row[5]),
      };
    case 9:
      return { kind: 'release', key, to: row[2] as string, partition: row[3] as number };
    default:
      throw new RangeError(`unknown device-life operation ${String(row[0])}`);
  }
}

function seriesOf(device: unknown, tags: unknown): DeviceSeries {
  return { device: device as string, tags: tags as DeviceSeries['tags'] };
}
