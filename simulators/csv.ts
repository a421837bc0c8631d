import { CsvError, parse } from 'csv-parse/sync';
import { keyText } from '../events/topics.ts';
import type { Publication } from './publication.ts';

/** A row of a data set. */
export interface CsvReading {
  readonly site: string;
  readonly device: string;
  readonly timeUs: number;
  readonly fields: Readonly<Record<string, number>>;
}

/**
 * Reads a data set: a header line with `time` (or timestamp, ts), `device`, optionally `site`, and fields. Times are
 * ISO 8601 or epoch s, ms, us, ns by magnitude; empty cells are left out. Rows come back in the order of their times.
 * @throws RangeError with the line of what is wrong
 */
export function readCsv(text: string): CsvReading[] {
  const [header = [], ...rows] = csvRows(text);
  const timeColumn = header.findIndex((name) => ['time', 'timestamp', 'ts'].includes(name.toLowerCase()));
  const deviceColumn = header.findIndex((name) => name.toLowerCase() === 'device');
  const siteColumn = header.findIndex((name) => name.toLowerCase() === 'site');
  if (timeColumn < 0 || deviceColumn < 0) throw new RangeError('line 1: needs columns "time" and "device"');
  const readings = rows.map((row, i) => {
    const timeUs = parseTimeUs(row[timeColumn] ?? '');
    const device = row[deviceColumn] ?? '';
    if (timeUs === null) throw new RangeError(`line ${i + 2}: not a time: "${row[timeColumn] ?? ''}"`);
    if (device === '') throw new RangeError(`line ${i + 2}: no device`);
    const fields: Record<string, number> = {};
    for (const [column, name] of header.entries()) {
      const cell = row[column] ?? '';
      if (cell === '' || [timeColumn, deviceColumn, siteColumn].includes(column)) continue;
      const value = Number(cell);
      if (!Number.isFinite(value)) throw new RangeError(`line ${i + 2}: ${name} is not a number: "${cell}"`);
      fields[name] = value;
    }
    return { site: row[siteColumn] || 'plant1', device, timeUs, fields };
  });
  return readings.toSorted((a, b) => a.timeUs - b.timeUs);
}

/**
 * Rows as publications, `speed` times as fast as they were measured; `shiftUs` is added to their times. Those due after
 * `durationMs` are left out.
 */
export function* replay(
  rows: readonly CsvReading[],
  speed: number,
  shiftUs: number,
  durationMs = Number.POSITIVE_INFINITY,
): Generator<Publication> {
  const firstUs = rows[0]?.timeUs ?? 0;
  const devices = new Map<string, number>();
  for (const { site, device, timeUs, fields } of rows) {
    const dueMs = (timeUs - firstUs) / 1000 / speed;
    if (dueMs >= durationMs) return;
    const key = keyText([site, device]);
    if (!devices.has(key)) devices.set(key, devices.size);
    yield {
      device: devices.get(key)!,
      topic: `sensors/${site}/${device}`,
      key,
      fields,
      timeUs: timeUs + shiftUs,
      dueMs,
      faults: [],
    };
  }
}

/** RFC 4180. @throws RangeError */
function csvRows(text: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const isOpen = cause.code === 'CSV_QUOTE_NOT_CLOSED';
    throw new RangeError(`line ${String(cause['lines'])}: ${isOpen ? 'a quote is not closed' : cause.message}`, {
      cause,
    });
  }
}

function parseTimeUs(text: string): number | null {
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    const magnitude = Math.abs(number);
    if (magnitude < 1e11) return Math.round(number * 1e6);
    if (magnitude < 1e14) return Math.round(number * 1e3);
    return Math.round(magnitude < 1e17 ? number : number / 1e3);
  }
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms * 1000;
}
