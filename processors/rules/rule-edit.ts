import { createHash } from 'node:crypto';
import type { Transition } from '../../events/alert.ts';
import type { Origin } from '../../events/record.ts';
import { endCell, moveCell, type AlertCell, type Moment } from './alert-cell.ts';
import type { ThresholdRule } from './threshold-rule.ts';

/** The control record's step, in which rules are edited. */
export interface Retirement {
  readonly origin: Origin;
  readonly moment: Moment;
  readonly transitions: Transition[];
}

/** Ends the alerts of a rule that is edited (`successor`) or removed: they are unknown from now on. */
export function retire(
  rule: ThresholdRule,
  successor: ThresholdRule | undefined,
  { origin, moment, transitions }: Retirement,
): void {
  const inherited: AlertCell[] = [];
  for (const cell of rule.cells()) {
    const told = cell.told;
    const goesOn = successor !== undefined && successor.field === cell.field && successor.concerns(cell);
    const why = successor === undefined ? 'removed' : 'edited';
    const cause = { rule: rule.name, value: null, why, timeUs: moment.nowUs, origin, moment } as const;
    const transition = goesOn ? moveCell(cell, 'unknown', cause) : endCell(cell, cause);
    if (transition !== null) transitions.push(transition);
    if (goesOn && told) inherited.push({ ...cell, judgedUs: 0 });
  }
  successor?.inherit(inherited);
}

/** The alerts of an edited rule go on; those of devices that it no longer concerns end. */
export function keep(rule: ThresholdRule, successor: ThresholdRule, { origin, moment, transitions }: Retirement): void {
  const kept: AlertCell[] = [];
  for (const cell of rule.cells()) {
    if (successor.concerns(cell)) {
      kept.push(cell);
      continue;
    }
    const cause = { rule: rule.name, value: null, why: 'edited', timeUs: moment.nowUs, origin, moment } as const;
    const transition = endCell(cell, cause);
    if (transition !== null) transitions.push(transition);
  }
  successor.inherit(kept);
}

/** Takes over what a rebuild came to. What subscribers were told stays what the rule before has told them. */
export function adopt(rule: ThresholdRule, rebuilt: Iterable<AlertCell>, { origin }: Retirement): void {
  const told = new Set(rule.cells().flatMap((cell) => (cell.told ? [cell.key] : [])));
  rule.inherit(Array.from(rebuilt, (cell) => ({ ...cell, told: told.has(cell.key), id: rebuiltId(cell.id, origin) })));
}

/** What a rebuild found of the past, decided now: it is recorded and notifies nobody. */
export function history(
  rebuilt: readonly Transition[],
  names: ReadonlySet<string>,
  { origin, moment, transitions }: Retirement,
): void {
  for (const transition of rebuilt) {
    if (!names.has(transition.rule)) continue;
    const id = rebuiltId(transition.id, origin);
    transitions.push({ ...transition, id, origin, decidedAtUs: moment.nowUs, historical: true, notify: null });
  }
}

/** Another id than that of the transition that the rule before may have made of the same reading. */
function rebuiltId(id: string, { partition, sequence }: Origin): string {
  if (id === '') return '';
  return createHash('sha256')
    .update(JSON.stringify([id, partition, sequence]))
    .digest('hex')
    .slice(0, 32);
}
