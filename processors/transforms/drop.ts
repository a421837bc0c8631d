import { leaveOut, type Transform } from './transform.ts';

/** Leaves fields out, whatever their values. */
export function dropTransform(fields: readonly string[]): Transform {
  const names = new Set(fields);
  return {
    apply(draft, tally) {
      let found = 0;
      for (const name of names) if (Object.hasOwn(draft.fields, name)) found++;
      if (found === 0) return 'kept';
      tally.fields += found;
      leaveOut(draft, names);
      return 'emptied';
    },
  };
}
