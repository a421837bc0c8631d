import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { FieldPlan } from './aggregates/field-plan.ts';
import type { Fields } from './closing.ts';
import type { WindowGroup } from './window-group.ts';
import { windowResult } from './window-result.ts';
import type { WindowState } from './window-state.ts';

interface PartialOf {
  readonly window: string;
  /** Absent where there is none: then nothing is open. */
  readonly group: WindowGroup | undefined;
  readonly plan: FieldPlan;
  readonly origin: Origin;
}

/** What the open windows of a group hold so far, marked `partial`. @param contentOf what one of them holds */
export function partialResults(
  { window, group, plan, origin }: PartialOf,
  contentOf: (window: WindowState) => Fields,
  found: WindowResult[],
): void {
  if (group === undefined) return;
  for (const open of group.open) {
    const { startUs, endUs, incomplete } = open;
    for (const [field, state] of contentOf(open)) {
      const of = { window, group, field, startUs, endUs, revision: 0, incomplete, origin };
      found.push({ ...windowResult(of, plan, state), partial: true });
    }
  }
}
