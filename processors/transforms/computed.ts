import type { Expression } from '../../infra/expression/expression.ts';
import { leaveOut, type Transform } from './transform.ts';

/**
 * Sets a field to what an expression gives. A field that is missing makes the result missing, and a field of the
 * result's name stays as it was sent; a result that is not a finite number leaves it out.
 */
export function computedTransform(field: string, { evaluate }: Expression): Transform {
  const names = new Set([field]);
  return {
    apply(draft, tally) {
      const value = evaluate(draft.fields);
      if (value === undefined) return 'kept';
      if (typeof value !== 'number') {
        draft.fields[field] = value;
        return 'kept';
      }
      if (!Number.isNaN(value)) {
        draft.fields[field] = value + 0;
        return 'kept';
      }
      tally.notFinite++;
      if (!Object.hasOwn(draft.fields, field)) return 'kept';
      tally.fields++;
      leaveOut(draft, names);
      return 'emptied';
    },
  };
}
