import { differences } from './differences.ts';
import type { RuleConfig, WindowConfig } from './schema.ts';

/**
 * Which edits leave the state of a window or a rule of use. The command that makes a change and the workers that carry
 * it out ask the same.
 */

/** Keys of a window that say how long its windows stay open and what they take, not what a window is. */
const windowKeysFree = new Set(['lateness', 'idle', 'retain', 'fields']);

/** Why open windows cannot go on after the edit; null when they can. */
export function windowKeepProblem(before: WindowConfig, after: WindowConfig): string | null {
  const fixed = differences(before, after).filter(({ key }) => !windowKeysFree.has(key));
  return fixed.length === 0 ? null : fixed.map(({ text }) => text).join(', ');
}

/** A rule, and the window that it judges. */
export interface RuleOnWindow {
  readonly rule: RuleConfig;
  readonly window: WindowConfig | null;
}

/** What a rule judges; under another limit the state of its alerts goes on. */
const ruleKeysFixed = new Set(['field', 'window', 'aggregate', 'kind']);

/** Why a rule's alerts cannot go on after the edit; null when they can. */
export function ruleKeepProblem(before: RuleOnWindow, after: RuleOnWindow): string | null {
  const fixed = differences(before.rule, after.rule).filter(({ key }) => ruleKeysFixed.has(key));
  if (fixed.length > 0) return fixed.map(({ text }) => text).join(', ');
  if (before.window === null || after.window === null) return null;
  const problem = windowKeepProblem(before.window, after.window);
  return problem === null ? null : `its window ${after.window.name}: ${problem}`;
}
