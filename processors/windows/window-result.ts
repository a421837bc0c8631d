import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { FieldPlan } from './aggregates/field-plan.ts';
import type { FieldState } from './aggregates/field-state.ts';
import type { GroupKey } from './group-key.ts';

/** Whose result it is, and of which time. */
export interface ResultOf {
  readonly window: string;
  readonly group: GroupKey;
  readonly field: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly revision: number;
  /** Messages of the log are missing that may have been for it. */
  readonly incomplete?: boolean;
  readonly origin: Origin;
}

/** The result of one field of a window. */
export function windowResult(of: ResultOf, plan: FieldPlan, state: FieldState): WindowResult {
  const { window, group, field, startUs, endUs, revision, origin } = of;
  const { key, device, tags } = group;
  const marked = of.incomplete === true ? { incomplete: true as const } : {};
  return { window, key, device, field, tags, startUs, endUs, revision, origin, ...state.result(plan), ...marked };
}
