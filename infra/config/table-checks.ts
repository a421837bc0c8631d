import { type Entry, type Say, entries } from './check-entries.ts';
import { nameProblem, texts } from './known-names.ts';

/** Rows of all tables together. */
export const tableRowsMax = 10_000;
/** Columns of one table. */
export const tableColumnsMax = 64;

/** What tables demand: one source each, and rows that their key tells apart. */
export function checkTables(raw: Entry, say: Say): void {
  let rows = 0;
  for (const [i, table] of entries(raw['tables'])) {
    checkRows(table, (path, message) => say(['tables', i, ...path], message));
    rows += rowsOf(table)?.length ?? 0;
  }
  if (rows > tableRowsMax) say(['tables'], `have ${rows} rows together, at most ${tableRowsMax} are taken`);
}

/** What is wrong with the rows of one table. */
export function checkRows(table: Entry, say: Say): void {
  const rows = rowsOf(table);
  const columns = columnsOf(table);
  if (rows === null || columns === null) return;
  if (columns.length > tableColumnsMax)
    say(['rows'], `have ${columns.length} columns, at most ${tableColumnsMax} are taken`);
  for (const column of columns) {
    const problem = nameProblem(column);
    if (problem !== null) say(['rows'], `have a column ${JSON.stringify(column)}, which ${problem}`);
  }
  const key = keyColumns(table);
  const seen = new Map<string, number>();
  for (const [j, row] of rows.entries()) {
    const empty = key.find((column) => row[column] === undefined || row[column] === '');
    if (empty !== undefined) {
      say(['rows', j], `has no "${empty}", which is of the key`);
      continue;
    }
    const values = JSON.stringify(key.map((column) => String(row[column])));
    const first = seen.get(values);
    if (first === undefined) seen.set(values, j);
    else say(['rows', j], `has the same key as rows[${first}]: ${key.map((column) => String(row[column])).join(', ')}`);
  }
}

export function keyColumns({ key }: Entry): string[] {
  return typeof key === 'string' ? [key] : texts(key);
}

/** All columns that rows have; null where there are no rows to ask. */
export function columnsOf(table: Entry): string[] | null {
  const rows = rowsOf(table);
  return rows === null ? null : [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function rowsOf({ rows }: Entry): Entry[] | null {
  return Array.isArray(rows) ? entries(rows).map(([, row]) => row) : null;
}
