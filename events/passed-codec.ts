import type { Origin, PassedReading } from './record.ts';

/** What is passed on between partitions in the container of LOG messages; the layout stands in `record-codec.ts`. */

type Row = readonly unknown[];

const presences = [undefined, 'online', 'offline'] as const;

/** The row of a reading that is passed on. */
export function toReadingRow({ key, device, tags, ownTimeUs, fields, presence }: PassedReading): Row {
  const names = Object.keys(fields);
  return [key, device, tags, ownTimeUs, names, names.map((name) => fields[name]), presences.indexOf(presence)];
}

export function toPlaceRow({ partition, sequence, index, part = 0 }: Origin): Row {
  return [partition, sequence, index, part];
}

export function fromPlaceRow([partition, sequence, index, part]: readonly number[]): Origin {
  const place = { partition: partition!, sequence: sequence!, index: index! };
  return part === 0 || part === undefined ? place : { ...place, part };
}

export function fromReadingRow(row: Row): PassedReading {
  const [key, device, tags, ownTimeUs, names, values, said] = row as [
    string,
    string,
    PassedReading['tags'],
    number | null,
    readonly string[],
    readonly (number | boolean | string)[],
    number,
  ];
  const fields = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const presence = presences[said];
  return { key, device, tags, ownTimeUs, fields, ...(presence && { presence }) };
}
