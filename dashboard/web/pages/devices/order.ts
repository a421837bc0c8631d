import type { DeviceRow } from '../../../../events/api.ts';
import { nameOf } from '../../words/presence.ts';

/** What a table is sorted by; `state`: in alert first, then silent, then by name. */
export interface Sort {
  readonly by: string;
  readonly down: boolean;
}

export const defaultSort: Sort = { by: 'state', down: false };

const fieldPrefix = 'field:';
const reserved = new Set(['name', 'state', 'rate', 'seen']);

/** What sorts by a field: its name, unless that means something else here. */
export function byField(name: string): string {
  return reserved.has(name) || /^(?:-|tag:|field:)/.test(name) ? `${fieldPrefix}${name}` : name;
}

/** `-temperature` is temperature, greatest first. */
export function sortOf(text: string | null): Sort {
  if (text === null || text === '') return defaultSort;
  return text.startsWith('-') ? { by: text.slice(1), down: true } : { by: text, down: false };
}

export function sortText(sort: Sort): string | null {
  if (sort.by === defaultSort.by && !sort.down) return null;
  return `${sort.down ? '-' : ''}${sort.by}`;
}

/** The sort after a click on a head: numbers begin with the greatest, names with the first; a second click turns it. */
export function nextSort(sort: Sort, by: string): Sort {
  const natural = !['name', 'state'].includes(by) && !by.startsWith('tag:');
  if (sort.by !== by) return { by, down: natural };
  return sort.down === natural ? { by, down: !natural } : defaultSort;
}

const collator = new Intl.Collator('en', { numeric: true });

/** Keys of the rows in order. Rows without the value come last; equals are in order of name. */
export function ordered(rows: Iterable<DeviceRow>, sort: Sort): string[] {
  const sign = sort.down ? -1 : 1;
  const list = Array.from(rows, (row) => ({ row, value: sortValue(row, sort.by) }));
  list.sort((a, b) => {
    if (a.value !== b.value) {
      if (a.value === null) return 1;
      if (b.value === null) return -1;
      const order =
        typeof a.value === 'number' && typeof b.value === 'number'
          ? a.value - b.value
          : collator.compare(String(a.value), String(b.value));
      if (order !== 0) return sign * order;
    }
    return collator.compare(nameOf(a.row), nameOf(b.row)) || collator.compare(a.row.key, b.row.key);
  });
  return list.map(({ row }) => row.key);
}

const severityRank = { critical: 0, warning: 1, info: 2 } as const;

function sortValue(row: DeviceRow, by: string): number | string | null {
  if (by === 'state') {
    if (row.alert !== null) return severityRank[row.alert.severity] + (row.alert.state === 'firing' ? 0 : 0.5);
    return row.stale ? 8 : 9;
  }
  if (by === 'name') return nameOf(row);
  if (by === 'rate') return row.ratePerS;
  if (by === 'seen') return -row.lastSeenUs;
  if (by.startsWith('tag:')) return row.tags[by.slice(4)] ?? null;
  const value = row.fields[by.startsWith(fieldPrefix) ? by.slice(fieldPrefix.length) : by];
  if (value === undefined) return null;
  return typeof value === 'boolean' ? Number(value) : value;
}

/** How many rows stand elsewhere in `wanted` than in `shown`. */
export function moved(shown: readonly string[], wanted: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < wanted.length; i++) if (shown[i] !== wanted[i]) count++;
  return count;
}
