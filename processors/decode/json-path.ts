/** A place in a payload: `data.t`, or from its top `$.meta.line`. A dot within a key is written `\.`. */
export interface JsonPath {
  /** From the top of the payload, not of the reading. */
  readonly isFromTop: boolean;
  readonly keys: readonly string[];
}

export function parsePath(text: string): JsonPath {
  const isFromTop = text.startsWith('$.');
  const keys = (isFromTop ? text.slice(2) : text).split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
  return { isFromTop, keys };
}

/** What stands there; undefined where nothing does. Items of lists are named by their number. */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null) return undefined;
    if (Array.isArray(found) ? !/^\d+$/.test(key) : !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** The keys as one text, in which no two paths are alike. */
export function pathText(keys: readonly string[]): string {
  return keys.map(escapeKey).join('.');
}

/** A key within such a text. */
export function escapeKey(key: string): string {
  return key.includes('.') ? key.replaceAll('.', '\\.') : key;
}

/** A text, number or boolean as text; null for anything else. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
