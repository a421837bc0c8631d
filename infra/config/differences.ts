import { durationText } from './units.ts';

/** One key that an edit changes. */
export interface Difference {
  readonly key: string;
  /** `lateness 5s -> 10s` */
  readonly text: string;
}

/** Keys of the configuration whose numbers are durations in ms. */
const durations = new Set([
  'size',
  'every',
  'gap',
  'lateness',
  'idle',
  'retain',
  'for',
  'stale',
  'sample',
  'tolerance',
  'maxAhead',
  'maxAge',
]);
const valueCharactersMax = 40;

/** What differs between two maps of the configuration, key by key, in the order of the new one. */
export function differences(before: object, after: object): Difference[] {
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(b), ...Object.keys(a)])]
    .filter((key) => sorted(a[key]) !== sorted(b[key]))
    .map((key) => ({ key, text: differenceText(key, a[key], b[key]) }));
}

/** Equal for equal values, whatever the order of their keys. */
export function sorted(value: unknown): string {
  return (
    JSON.stringify(value, (_, item: unknown) =>
      item !== null && typeof item === 'object' && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).toSorted(([x], [y]) => (x < y ? -1 : 1)))
        : item,
    ) ?? ''
  );
}

function differenceText(key: string, before: unknown, after: unknown): string {
  // Of a table: which cells differ is beyond a line.
  if (Array.isArray(before) && Array.isArray(after) && key === 'rows')
    return `other rows (${before.length} -> ${after.length})`;
  return `${key} ${valueText(key, before)} -> ${valueText(key, after)}`;
}

function valueText(key: string, value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'number' && durations.has(key)) return durationText(value);
  const text = asWritten(value);
  return text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax)}...` : text;
}

/** As people write it in the configuration: `[site, line]`, `{ from: °F, to: °C }`. */
function asWritten(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asWritten).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.entries(value).map(([key, item]) => `${key}: ${asWritten(item)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.toSorted().join(', ')} }`;
}
