import type { FuncKeywordDefinition } from 'ajv';

/** JSON Schema's `uniqueItems` in linear time: ajv's own compares each item with each. */
export const uniqueItems: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  error: { message: 'must NOT have duplicate items' },
  validate: (isDemanded: boolean, items: readonly unknown[]) =>
    !isDemanded || new Set(items.map((item) => JSON.stringify(item, sorted))).size === items.length,
};

/** Objects are equal whatever the order of their keys. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // Not an object: names that are numbers would go first, and `__proto__` is none.
  return { entries: entries.flat() };
}
