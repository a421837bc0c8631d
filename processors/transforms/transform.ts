import type { NameTable } from '../snapshot/names.ts';
import type { FieldValue, Reading } from '../../events/reading.ts';

/** A reading on its way through the transforms, which alone hold it: they change it in place. */
export type Draft = { -readonly [K in keyof Reading]: Reading[K] } & { fields: Record<string, FieldValue> };

/** What a transform did to readings. */
export interface Tally {
  /** Readings it left nothing of. */
  filtered: number;
  /** Values it left out. */
  fields: number;
  /** Results that were no finite number, and so were left out. */
  notFinite: number;
  /** Readings that it found no row for. */
  unmatched: number;
}

export function emptyTally(): Tally {
  return { filtered: 0, fields: 0, notFinite: 0, unmatched: 0 };
}

export function addTally(sum: Tally, more: Readonly<Tally>): void {
  sum.filtered += more.filtered;
  sum.fields += more.fields;
  sum.notFinite += more.notFinite;
  sum.unmatched += more.unmatched;
}

/** What became of a reading: `emptied` when a value was left out, so that there may be none left. */
export type Outcome = 'kept' | 'emptied' | 'filtered';

/** One transform. It depends on the readings it was given and on nothing else. */
export interface Transform {
  apply(draft: Draft, tally: Tally): Outcome;
  /** Forgets a device. */
  forget?(key: string): void;
  /** State for MessagePack, a copy; absent where there is none. */
  snapshot?(names?: NameTable): unknown;
}

/** Takes values out. A new object: `delete` would make each of the following look-ups slow. */
export function leaveOut(draft: Draft, names: ReadonlySet<string>): void {
  const left: Record<string, FieldValue> = {};
  for (const name in draft.fields) if (!names.has(name)) left[name] = draft.fields[name]!;
  draft.fields = left;
}
