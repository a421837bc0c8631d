/** A value as a bucket holds it. */
export interface Present {
  readonly value: Uint8Array;
  readonly revision: number;
}

/**
 * What became of a compare-and-set that was refused or not answered, told by what is there now: our value (an earlier
 * try of ours), still what we wanted to replace (again), or somebody else's (fenced).
 * @param expected the revision that was to be replaced; 0: none
 */
export function swapVerdict(
  present: Present | null,
  value: Uint8Array,
  expected: number,
): 'again' | 'stored' | 'fenced' {
  if (present !== null && Buffer.from(present.value).equals(value)) return 'stored';
  return (present?.revision ?? 0) === expected ? 'again' : 'fenced';
}
