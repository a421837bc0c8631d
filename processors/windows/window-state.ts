import type { Reading } from '../../events/reading.ts';
import type { FieldPlan } from './aggregates/field-plan.ts';
import { FieldState, type FieldRow } from './aggregates/field-state.ts';

/** One window of one group: `[startUs, endUs)`. */
export interface WindowState {
  readonly startUs: number;
  readonly endUs: number;
  /** Messages of the log are missing that may have been for it. */
  incomplete: boolean;
  readonly fields: Map<string, FieldState>;
}

export type WindowRow = readonly [
  startUs: number,
  endUs: number,
  incomplete: boolean,
  fields: readonly (readonly [name: string, state: FieldRow])[],
];

export function windowRow({ startUs, endUs, incomplete, fields }: WindowState): WindowRow {
  return [startUs, endUs, incomplete, Array.from(fields, ([name, state]) => [name, state.toRow()] as const)];
}

export function windowOf(plan: FieldPlan, [startUs, endUs, incomplete, fields]: WindowRow): WindowState {
  return {
    startUs,
    endUs,
    incomplete,
    fields: new Map(fields.map(([name, row]) => [name, FieldState.fromRow(plan, row)])),
  };
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
