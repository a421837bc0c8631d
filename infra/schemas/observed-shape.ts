/** What was seen of one place in payloads of JSON. */
export interface Shape {
  /** How often there was a value. */
  count: number;
  nulls: number;
  booleans: number;
  integers: number;
  /** Numbers that are no integers. */
  fractions: number;
  texts: number;
  least: number;
  greatest: number;
  objects: number;
  readonly fields: Map<string, Shape>;
  lists: number;
  /** Of the items of lists. */
  items: Shape | null;
}

/** Fields of one object that are told apart, and levels that are looked at: beyond these nothing is proposed. */
const fieldsMax = 256;
const depthMax = 16;

export function emptyShape(): Shape {
  const counts = { count: 0, nulls: 0, booleans: 0, integers: 0, fractions: 0, texts: 0, objects: 0, lists: 0 };
  return { ...counts, least: Infinity, greatest: -Infinity, fields: new Map(), items: null };
}

/** Adds a value of `JSON.parse` to what was seen. */
export function observe(shape: Shape, value: unknown, depth = 1): void {
  shape.count++;
  if (value === null) shape.nulls++;
  else if (typeof value === 'boolean') shape.booleans++;
  else if (typeof value === 'string') shape.texts++;
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) shape.integers++;
    else shape.fractions++;
    shape.least = Math.min(shape.least, value);
    shape.greatest = Math.max(shape.greatest, value);
  } else if (Array.isArray(value)) {
    shape.lists++;
    shape.items ??= emptyShape();
    if (depth < depthMax) for (const item of value) observe(shape.items, item, depth + 1);
  } else if (typeof value === 'object') {
    shape.objects++;
    if (depth >= depthMax) return;
    for (const [name, item] of Object.entries(value)) {
      let field = shape.fields.get(name);
      if (field === undefined) {
        if (shape.fields.size >= fieldsMax) continue;
        shape.fields.set(name, (field = emptyShape()));
      }
      observe(field, item, depth + 1);
    }
  }
}

/** The range of the numbers, for a comment; empty without any. */
export function rangeText({ integers, fractions, least, greatest }: Shape): string {
  const numbers = integers + fractions;
  return numbers === 0 ? '' : `seen from ${least} to ${greatest} in ${numbers} values`;
}
