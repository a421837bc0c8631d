import type { ProcessingConfig, WindowConfig } from '../../../infra/config/schema.ts';
import type { Judge } from './alert.ts';
import type { Moment } from './log-time.ts';

const times: readonly string[] = ['lateness', 'idle', 'retain'];

/** The keys in which two entries of the configuration differ. */
function edited(before: object, after: object): string[] {
  const [a, b] = [before, after] as Record<string, unknown>[];
  return [...new Set([...Object.keys(a!), ...Object.keys(b!)])].filter(
    (key) => JSON.stringify(a![key]) !== JSON.stringify(b![key]),
  );
}

/** A window whose state is kept over an edit, as far as the oracle knows it: of a tumbling or hopping one, its times. */
export function goesOn(before: WindowConfig, after: WindowConfig): boolean {
  if (before.name !== after.name || !['tumbling', 'hopping'].includes(after.kind)) return false;
  return edited(before, after).every((key) => times.includes(key));
}

/** A rule that is not edited, but the window or the join is that it judges. */
export function judgesOn(before: Judge, after: Judge): boolean {
  if (edited(before.rule, after.rule).length > 0) return false;
  if (before.window === null || after.window === null) return before.window === after.window;
  return goesOn(before.window, after.window);
}

/**
 * Whether the oracle knows what becomes of all that is edited while state is kept: windows as above, and what cannot be
 * kept, which starts afresh.
 */
export function isKnown(moments: readonly Moment[], configs: readonly ProcessingConfig[]): boolean {
  return moments.every((at, i) => {
    const [before, after] = [configs[moments[i - 1]?.config ?? 0]!, configs[at.config]!];
    if (!at.keeps || before === after) return true;
    return windowsKnown(before, after) && rulesKnown(before, after);
  });
}

function windowsKnown(before: ProcessingConfig, after: ProcessingConfig): boolean {
  return after.windows.every((next) => {
    const old = before.windows.find(({ name }) => name === next.name);
    if (old === undefined || edited(old, next).length === 0 || isAfresh(old, next)) return true;
    return goesOn(old, next);
  });
}

/** Nothing can be kept of it. */
function isAfresh(old: WindowConfig, next: WindowConfig): boolean {
  return edited(old, next).some((key) => ![...times, 'fields'].includes(key));
}

function rulesKnown(before: ProcessingConfig, after: ProcessingConfig): boolean {
  return after.rules.every((next) => {
    const old = before.rules.find(({ name }) => name === next.name);
    const keys = old === undefined ? [] : edited(old, next);
    return keys.length === 0 || keys.some((key) => ['field', 'window', 'aggregate'].includes(key));
  });
}
