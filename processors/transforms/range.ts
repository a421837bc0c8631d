import { leaveOut, type Transform } from './transform.ts';

/** Leaves a number out that is outside [least, greatest]; both ends are within. Other values are not judged. */
export function rangeTransform(field: string, [least, greatest]: readonly [number, number]): Transform {
  const names = new Set([field]);
  return {
    apply(draft, tally) {
      const value = draft.fields[field];
      if (typeof value !== 'number' || (value >= least && value <= greatest)) return 'kept';
      tally.fields++;
      leaveOut(draft, names);
      return 'emptied';
    },
  };
}
