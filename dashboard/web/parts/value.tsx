import type { FieldValue } from '../../../events/reading.ts';
import { decimal, decimalsOf, missing } from '../words/numbers.ts';

/** A field's value as text; numbers with `decimals`, or with those they have. */
export function valueText(value: FieldValue | null | undefined, decimals?: number): string {
  if (value === null || value === undefined) return missing;
  return typeof value === 'number' ? decimal(value, decimals ?? decimalsOf(value)) : String(value);
}

/** A unit after its value: thin gap, faint, not bold. */
export function Unit({ unit }: { unit: string }) {
  return unit === '' ? null : <span class="u">{unit}</span>;
}
