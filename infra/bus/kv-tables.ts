import { buckets } from '../../events/subjects.ts';
import { checkRows } from '../config/table-checks.ts';
import { pathText } from '../config/problem.ts';
import type { Config, TableConfig } from '../config/schema.ts';
import { parseTable } from '../config/table-files.ts';
import { versionBytesProblem } from '../config/version-bytes.ts';
import { MillraceError } from '../errors.ts';
import type { Bus } from './connection.ts';
import { openBucket } from './kv.ts';

/**
 * The configuration with the rows of its KV tables in it. Whoever puts a configuration in force calls it first: so a
 * change of a table is a new version with a control record in the log, and never a change beside it.
 * @throws CONFIG_INVALID when a table is not there or is none
 */
export async function withKvTables(bus: Bus, config: Config): Promise<Config> {
  if (config.tables.every(({ kv }) => kv === undefined)) return config;
  const bucket = await openBucket(bus, buckets.tables);
  const tables: TableConfig[] = [];
  for (const [i, table] of config.tables.entries()) {
    if (table.kv === undefined) {
      tables.push(table);
      continue;
    }
    const refuse = (why: string) =>
      new MillraceError('CONFIG_INVALID', `tables[${i}].kv: ${buckets.tables}/${table.kv} ${why}`);
    const entry = await bucket.get(table.kv);
    if (entry === null) throw refuse('does not exist');
    const read = rowsOf(Buffer.from(entry.value).toString());
    if ('problem' in read) throw refuse(read.problem);
    const withRows = { ...table, rows: read.rows };
    const problems: string[] = [];
    checkRows(withRows, (path, message) => problems.push(`${pathText(path)} ${message}`));
    if (problems.length > 0) throw refuse(problems.join('; '));
    tables.push(withRows);
  }
  const whole = { ...config, tables };
  const tooLarge = versionBytesProblem(whole);
  if (tooLarge !== null) throw new MillraceError('CONFIG_INVALID', `tables ${tooLarge}`);
  return whole;
}

/** JSON: a list of maps of column to text, number or boolean. Else CSV. */
function rowsOf(text: string): ReturnType<typeof parseTable> {
  if (!text.trimStart().startsWith('[')) return parseTable(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { problem: `is not JSON: ${(cause as Error).message}` };
  }
  const isCell = (cell: unknown) => ['string', 'number', 'boolean'].includes(typeof cell);
  const isRow = (row: unknown) =>
    typeof row === 'object' && row !== null && !Array.isArray(row) && Object.values(row).every(isCell);
  if (!Array.isArray(value) || !value.every(isRow))
    return { problem: 'must be a list of maps of column to text, number or boolean' };
  return { rows: value as NonNullable<TableConfig['rows']> };
}
