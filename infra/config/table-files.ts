import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type Entry, entries } from './check-entries.ts';
import type { ConfigPath } from './problem.ts';
import type { Finding } from './schema-problems.ts';
import type { TableRow } from './schema.ts';

/** Bytes of a CSV file; what is within must fit a configuration version anyway. */
const fileBytesMax = 4 * 2 ** 20;

/**
 * The configuration with the rows of its CSV files in it, so that a file is read once, when the configuration is, and
 * never by processing. @param folder what the files are relative to
 */
export function withTableFiles(raw: Entry, folder: string): { readonly value: Entry; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  const say = (path: ConfigPath, message: string) => findings.push({ path, message });
  if (!Array.isArray(raw['tables'])) return { value: raw, findings };
  const tables: unknown[] = [...(raw['tables'] as unknown[])];
  for (const [i, table] of entries(tables)) {
    const sources = ['rows', 'file', 'kv'].filter((key) => table[key] !== undefined);
    if (sources.length === 0) say(['tables', i], 'needs one of rows, file and kv');
    else if (sources.length > 1) say(['tables', i, sources[1]!], `is one too many: ${sources.join(' and ')}`);
    else if (typeof table['file'] === 'string') {
      const read = readTable(resolve(folder, table['file']));
      if ('problem' in read) say(['tables', i, 'file'], `${table['file']}: ${read.problem}`);
      else tables[i] = { ...table, rows: read.rows };
    }
  }
  return { value: { ...raw, tables }, findings };
}

type Rows = { readonly rows: TableRow[] } | { readonly problem: string };

function readTable(path: string): Rows {
  try {
    const { size } = statSync(path);
    if (size > fileBytesMax) return { problem: `has ${size} bytes, at most ${fileBytesMax} are read` };
    return parseTable(readFileSync(path, 'utf8'));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return { problem: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
  }
}

/** Rows of CSV with a header line (RFC 4180): numbers, true and false are such, an empty cell is left out. */
export function parseTable(text: string): Rows {
  let lines: string[][];
  try {
    lines = parse(text, { bom: true, trim: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n'] });
  } catch (cause) {
    return { problem: (cause as Error).message };
  }
  const [header = [], ...cells] = lines;
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (header.length === 0) return { problem: 'has no header line' };
  if (twice !== undefined) return { problem: `has two columns "${twice}"` };
  const rows = cells.map((row) =>
    Object.fromEntries(header.flatMap((name, i) => (row[i] === '' ? [] : [[name, cellValue(row[i]!)] as const]))),
  );
  return { rows };
}

/** `007` stays a text, as numbers of things do. */
function cellValue(cell: string): string | number | boolean {
  if (cell === 'true' || cell === 'false') return cell === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(cell) && Number.isFinite(Number(cell)) ? Number(cell) : cell;
}
