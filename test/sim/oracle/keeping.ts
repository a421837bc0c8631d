import type { ProcessingConfig, WindowConfig } from '../../../infra/config/schema.ts';
import type { Judge } from './alert.ts';
import type { Moment } from './log-time.ts';

/** What may be edited of a window that is kept. */
const windowKeys: readonly string[] = ['lateness', 'idle', 'retain', 'fields'];
/** What may not be edited of a rule that is kept. */
const judgedKeys: readonly string[] = ['name', 'field', 'window', 'aggregate'];

/** The keys in which two entries of the configuration differ. */
function edited(before: object, after: object): string[] {
  const [a, b] = [before, after] as Record<string, unknown>[];
  return [...new Set([...Object.keys(a!), ...Object.keys(b!)])].filter(
    (key) => JSON.stringify(a![key]) !== JSON.stringify(b![key]),
  );
}

/** A window whose state is kept over an edit (docs/operations.md): of its times, or of the fields that it takes. */
export function goesOn(before: WindowConfig, after: WindowConfig): boolean {
  return before.name === after.name && edited(before, after).every((key) => windowKeys.includes(key));
}

/** A rule whose alerts are kept: under other limits, or the window or the join that it judges is edited. */
export function judgesOn(before: Judge, after: Judge): boolean {
  if (before.rule.name !== after.rule.name || edited(before.rule, after.rule).some((key) => judgedKeys.includes(key)))
    return false;
  if (before.window === null || after.window === null) return before.window === after.window;
  return goesOn(before.window, after.window);
}

/**
 * Whether the oracle knows what becomes of all that is edited while state is kept. It does not of a sliding window that
 * waits longer from now on: how much of what is long past it still holds nobody promises.
 */
export function isKnown(moments: readonly Moment[], configs: readonly ProcessingConfig[]): boolean {
  return moments.every((at, i) => {
    const [before, after] = [configs[moments[i - 1]?.config ?? 0]!, configs[at.config]!];
    if (!at.keeps || before === after) return true;
    return after.windows.every((next) => {
      const old = before.windows.find(({ name }) => name === next.name);
      return next.kind !== 'sliding' || old === undefined || !goesOn(old, next) || next.lateness <= old.lateness;
    });
  });
}
