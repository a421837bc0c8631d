import type { FieldValue, Reading } from '../../events/reading.ts';
import type { ProcessingTable, TableRow } from '../../infra/config/schema.ts';
import type { Transform } from './transform.ts';

export interface EnrichOptions {
  readonly table: ProcessingTable;
  /** Columns that become tags and fields; a field of the same name that the device sent is replaced. */
  readonly tags: readonly string[];
  readonly fields: readonly string[];
}

/** What a table adds to the readings of one device. */
interface Addition {
  readonly device: string;
  /** Null: there is no row. */
  readonly fields: readonly (readonly [name: string, value: FieldValue])[] | null;
  readonly tags: Reading['tags'];
}

/** Adds to each reading what the table's row for its device and tags says. */
export function enrichTransform({ table, tags, fields }: EnrichOptions): Transform {
  const rows = new Map(table.rows.map((row) => [rowKey(table.key, (column) => textOf(row[column])), row]));
  /** By the tags object, which readings of one topic share: they are looked up once, and share the new one too. */
  const known = new WeakMap<object, Addition>();

  const additionFor = ({ device, tags: own }: Pick<Reading, 'device' | 'tags'>): Addition => {
    const row = rows.get(rowKey(table.key, (column) => (column === 'device' ? device : own[column])));
    if (row === undefined) return { device, fields: null, tags: own };
    const added = tags.flatMap((name) =>
      textOf(row[name]) === undefined ? [] : [[name, textOf(row[name])!] as const],
    );
    return {
      device,
      fields: fields.flatMap((name) => (Object.hasOwn(row, name) ? [[name, row[name]!] as const] : [])),
      tags: added.length === 0 ? own : { ...own, ...Object.fromEntries(added) },
    };
  };

  return {
    apply(draft, tally) {
      let addition = known.get(draft.tags);
      if (addition === undefined || addition.device !== draft.device) {
        addition = additionFor(draft);
        known.set(draft.tags, addition);
      }
      if (addition.fields === null) {
        tally.unmatched++;
        return 'kept';
      }
      draft.tags = addition.tags;
      for (const [name, value] of addition.fields) draft.fields[name] = value;
      return 'kept';
    },
  };
}

/** The values of the key's columns as one text. */
function rowKey(columns: readonly string[], valueOf: (column: string) => string | undefined): string {
  return JSON.stringify(columns.map((column) => valueOf(column) ?? null));
}

/** A cell as a tag; an empty one is none. */
function textOf(value: TableRow[string] | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : String(value);
}
