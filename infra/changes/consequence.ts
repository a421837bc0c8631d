import type { StateChoice } from '../../events/record.ts';
import type { PlannedChange } from './change-plan.ts';

/** What happens to the part, as the end of a sentence that begins with its name. */
export function consequence(change: PlannedChange, choice: StateChoice): string {
  const what = change.differences.length > 0 ? `${change.differences.join(', ')}: ` : '';
  return `${what}${outcome(change, choice)}`;
}

function outcome({ part, kind, hasState, keepProblem }: PlannedChange, choice: StateChoice): string {
  if (kind === 'unchanged') return 'unchanged';
  if (kind === 'removed') return removed[part] ?? 'removed';
  if (kind === 'added' && part === 'schema') return 'added, payloads may name it from the next message of the log on';
  if (kind === 'added') {
    if (!hasState || choice.kind !== 'rebuild') return 'added, begins with the next reading';
    return `added, filled from message ${choice.from} of the log on`;
  }
  if (part === 'join') return joinOutcome(choice);
  if (!hasState) return edited[part] ?? 'in force from the next message of the log on';
  switch (choice.kind) {
    case 'keep':
      if (keepProblem !== null) return `CANNOT BE KEPT (${keepProblem})`;
      return part === 'window'
        ? 'kept, open windows go on under the new settings'
        : 'kept, alerts go on and are judged under the new settings from the next reading on';
    case 'rebuild':
      return part === 'window'
        ? `rebuilt from message ${choice.from} of the log on, windows that closed since are written again`
        : `rebuilt from message ${choice.from} of the log on, its transitions since are recorded and notify nobody`;
    case 'reset':
      return part === 'window'
        ? `reset, open windows are dropped${couldBeKept(keepProblem)}`
        : `reset, alerts are unknown until the next reading${couldBeKept(keepProblem)}`;
  }
}

/** Readings that wait for a partner are of the expression and the tolerance that they came under. */
function joinOutcome(choice: StateChoice): string {
  if (choice.kind === 'rebuild')
    return `rebuilt from message ${choice.from} of the log on, what it joined since is written again`;
  const afresh = 'readings that wait to be joined are dropped';
  return choice.kind === 'keep' ? `begins afresh, NOT KEPT: ${afresh}` : `reset, ${afresh}`;
}

function couldBeKept(keepProblem: string | null): string {
  return keepProblem === null ? ' (--keep would keep them)' : '';
}

const removed: Readonly<Record<string, string>> = {
  window: 'removed, open windows are dropped',
  rule: 'removed, its alerts end and subscribers are told',
  processor: 'removed, its alerts end and subscribers are told',
};

const edited: Readonly<Record<string, string>> = {
  processor: 'goes on with its state',
  transform: 'in force from the next message of the log on, a deadband or sampling begins afresh',
  table: 'its rows are in force from the next message of the log on',
  topic: 'decoding changes with the next message of the log, ingest at the next start',
  limits: 'decoding changes with the next message of the log, ingest at the next start',
};
