import type { Reading } from '../../events/reading.ts';
import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';
import type { FieldPlan } from './aggregates/field-plan.ts';
import { FieldState } from './aggregates/field-state.ts';

/** One window of one group: `[startUs, endUs)`. */
export interface WindowState {
  readonly startUs: number;
  readonly endUs: number;
  /** Messages of the log are missing that may have been for it. */
  incomplete: boolean;
  readonly fields: Map<string, FieldState>;
}

export function writeWindow(columns: ColumnWriter, { startUs, endUs, incomplete, fields }: WindowState): void {
  columns.real(startUs);
  columns.real(endUs);
  columns.flag(incomplete);
  writeFields(columns, fields);
}

export function readWindow(plan: FieldPlan, columns: ColumnReader): WindowState {
  const startUs = columns.real();
  const endUs = columns.real();
  const incomplete = columns.flag();
  return { startUs, endUs, incomplete, fields: readFields(plan, columns) };
}

export function writeFields(columns: ColumnWriter, fields: ReadonlyMap<string, FieldState>): void {
  columns.whole(fields.size);
  for (const [name, state] of fields) {
    columns.fieldName(name);
    state.write(columns);
  }
}

export function readFields(plan: FieldPlan, columns: ColumnReader): Map<string, FieldState> {
  const fields = new Map<string, FieldState>();
  for (let count = columns.whole(); count > 0; count--) fields.set(columns.fieldName(), FieldState.read(plan, columns));
  return fields;
}

/** Whether a reading has a value that the window takes. */
export function hasValue(plan: FieldPlan, { fields }: Reading): boolean {
  for (const name in fields) if (isTaken(plan, name, fields[name]!)) return true;
  return false;
}

/** Puts a reading's values into a window. Allocates nothing for fields that the window has already. */
export function takeReading(plan: FieldPlan, into: Map<string, FieldState>, { fields, timeUs }: Reading): void {
  for (const name in fields) takeValue(plan, into, name, fields[name]!, timeUs);
}

export function takeValue(
  plan: FieldPlan,
  into: Map<string, FieldState>,
  name: string,
  value: Reading['fields'][string],
  timeUs: number,
): void {
  if (!isTaken(plan, name, value)) return;
  let state = into.get(name);
  if (state === undefined) {
    state = new FieldState(plan);
    into.set(name, state);
  }
  state.add(value, timeUs);
}

/** Adds what one window's fields hold to another's. */
export function mergeFields(
  plan: FieldPlan,
  into: Map<string, FieldState>,
  from: ReadonlyMap<string, FieldState>,
): void {
  for (const [name, state] of from) {
    let own = into.get(name);
    if (own === undefined) {
      own = new FieldState(plan);
      into.set(name, own);
    }
    own.merge(state);
  }
}

/** The names of a reading's fields that the window takes. */
export function takenNames(plan: FieldPlan, { fields }: Reading): string[] {
  return Object.keys(fields).filter((name) => isTaken(plan, name, fields[name]!));
}

function isTaken(plan: FieldPlan, name: string, value: Reading['fields'][string]): boolean {
  return (plan.texts || typeof value !== 'string') && (plan.fields === null || plan.fields.has(name));
}
