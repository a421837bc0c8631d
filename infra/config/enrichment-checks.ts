import { type Entry, type Say, entries, names } from './check-entries.ts';
import { placeholdersOf, tagProblem, texts } from './known-names.ts';
import { suggestion } from './nearest-name.ts';
import { columnsOf, keyColumns } from './table-checks.ts';

/** Names of the other tags that series have. */
const tagsOfOurs = ['time', 'device', 'key', 'window', 'field', 'processor'];

/** An enrichment needs a table that has its columns and a key that readings have by then. */
export function checkEnrichment(raw: Entry, i: number, transform: Entry, tags: readonly string[], say: Say): void {
  const at = (...path: (string | number)[]) => ['transforms', i, ...path];
  const tables = entries(raw['tables']);
  const [index, table] = tables.find(([, { name }]) => name === transform['enrich']) ?? [-1, null];
  const wanted = { tags: texts(transform['tags']), fields: texts(transform['fields']) };
  if (wanted.tags.length + wanted.fields.length === 0)
    say(at('enrich'), 'brings nothing: name columns under tags or fields');
  for (const [j, tag] of wanted.tags.entries()) {
    if (placeholdersOf(raw).includes(tag)) say(at('tags', j), `"${tag}" is a placeholder of a topic already`);
    else if (tags.includes(tag)) say(at('tags', j), `"${tag}" is brought by a transform before`);
    else if (tagsOfOurs.includes(tag)) say(at('tags', j), `"${tag}" is the name of a tag of Millrace's own`);
  }
  if (table === null) {
    if (typeof transform['enrich'] !== 'string') return;
    say(at('enrich'), `names no table: "${transform['enrich']}"${suggestion(transform['enrich'], names(tables))}`);
    return;
  }
  for (const column of keyColumns(table)) {
    const problem = column === 'device' ? null : tagProblem(column, tags);
    if (problem !== null) say(['tables', index, 'key'], `"${column}" is no tag that readings have here: ${problem}`);
  }
  const columns = columnsOf(table);
  // Of a table that could not be read, or is in KV, nothing is known yet.
  if (columns === null) return;
  for (const [part, list] of Object.entries(wanted))
    for (const [j, column] of list.entries())
      if (!columns.includes(column))
        say(at(part, j), `is no column of table "${String(table['name'])}": "${column}"${suggestion(column, columns)}`);
}
