import type { StateChoice } from '../../events/record.ts';
import { labelled } from '../terminal/labelled.ts';
import { plural } from '../terminal/quantities.ts';
import type { Style } from '../terminal/style.ts';
import type { PlannedChange } from './change-plan.ts';
import { consequence } from './consequence.ts';

/** A line for each part that changes, and one for those that do not. */
export function planText(style: Style, changes: readonly PlannedChange[], choice: StateChoice): string {
  const lines = changes
    .filter(({ kind }) => kind !== 'unchanged')
    .map((change) => {
      const text = consequence(change, choice);
      const isRefused = choice.kind === 'keep' && change.keepProblem !== null;
      const name = change.name === '' ? '' : `${style.bold(change.name)}  `;
      return labelled(style, change.part, `${name}${isRefused ? style.red(text) : text}`);
    });
  const unchanged = changes.filter(({ kind }) => kind === 'unchanged');
  if (unchanged.length > 0) lines.push(labelled(style, 'unchanged', unchangedText(unchanged)));
  return lines.join('\n');
}

function unchangedText(changes: readonly PlannedChange[]): string {
  const parts = Map.groupBy(changes, ({ part }) => part);
  return [...parts].map(([part, list]) => plural(list.length, part)).join(', ');
}
