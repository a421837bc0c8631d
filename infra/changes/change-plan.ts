import { differences } from '../config/differences.ts';
import { ruleKeepProblem, windowKeepProblem } from '../config/keepable.ts';
import type { ProcessingConfig, RuleConfig, WindowConfig } from '../config/schema.ts';

/** What a new configuration does to one part of the one before: an entry of a list by its name, or a map of settings. */
export interface PlannedChange {
  /** `window`, `rule`, `topic` ...: the list it stands in, or the name of the settings. */
  readonly part: string;
  /** Empty for settings. */
  readonly name: string;
  readonly kind: 'unchanged' | 'added' | 'removed' | 'edited';
  /** Of an edited one, such as `lateness 5s -> 10s`. */
  readonly differences: readonly string[];
  /** It has state that the choice between keep, reset and rebuild decides on. */
  readonly hasState: boolean;
  /** Why its state cannot be kept; null when it can, or has none. */
  readonly keepProblem: string | null;
}

type Named = Readonly<Record<string, unknown>>;

/** Lists come before settings, windows and rules first. Any list and any settings of the configuration are compared. */
export function planChanges(before: ProcessingConfig, after: ProcessingConfig): PlannedChange[] {
  const [old, next]: [Named, Named] = [before, after];
  const parts = [...new Set(['windows', 'rules', ...Object.keys(next), ...Object.keys(old)])];
  const isList = (part: string) => Array.isArray(next[part] ?? old[part]);
  return [
    ...parts.filter(isList).flatMap((part) => {
      const changes = planList(part, (old[part] ?? []) as Named[], (next[part] ?? []) as Named[]);
      return changes.map((change) => withState(change, before, after));
    }),
    ...parts.filter((part) => !isList(part)).flatMap((part) => planSettings(part, old[part], next[part])),
  ];
}

function planList(part: string, before: readonly Named[], after: readonly Named[]): PlannedChange[] {
  const singular = part.endsWith('s') ? part.slice(0, -1) : part;
  const plan = (name: string, kind: PlannedChange['kind'], texts: readonly string[] = []): PlannedChange => {
    return { part: singular, name, kind, differences: texts, hasState: false, keepProblem: null };
  };
  const old = new Map(before.map((entry) => [nameOf(entry), entry]));
  const names = new Set(after.map(nameOf));
  return [
    ...after.map((entry) => {
      const name = nameOf(entry);
      const same = old.get(name);
      if (same === undefined) return plan(name, 'added');
      const changed = differences(same, entry).map(({ text }) => text);
      return plan(name, changed.length === 0 ? 'unchanged' : 'edited', changed);
    }),
    ...before.filter((entry) => !names.has(nameOf(entry))).map((entry) => plan(nameOf(entry), 'removed')),
  ];
}

/** What tells entries of a list apart: topics have no name but their template. */
function nameOf(entry: Named): string {
  const name = entry['name'] ?? entry['template'];
  const topic = entry['topic'];
  return typeof name === 'string' ? (typeof topic === 'string' ? `${name} (${topic})` : name) : JSON.stringify(entry);
}

function planSettings(part: string, before: unknown, after: unknown): PlannedChange[] {
  const changed = differences(before ?? {}, after ?? {}).map(({ text }) => text);
  if (changed.length === 0) return [];
  return [{ part, name: '', kind: 'edited', differences: changed, hasState: false, keepProblem: null }];
}

/** Windows, rules and joins are what the choice is about; a rule changes with the window or the join that it judges. */
function withState(change: PlannedChange, before: ProcessingConfig, after: ProcessingConfig): PlannedChange {
  const find = <T extends { readonly name: string }>(list: readonly T[]) =>
    list.find(({ name }) => name === change.name);
  if (change.part === 'window') {
    const [old, next] = [find<WindowConfig>(before.windows), find<WindowConfig>(after.windows)];
    if (!old || !next) return { ...change, hasState: true };
    const from = foldedFrom(next, before, after);
    if (change.kind === 'unchanged' && from === null) return change;
    const texts =
      from === null ? change.differences : [...change.differences, `its window ${from.after.name} is edited`];
    const own = windowKeepProblem(old, next);
    const below = from === null ? null : windowKeepProblem(from.before, from.after);
    const keepProblem = own ?? (below === null ? null : `its window ${from!.after.name}: ${below}`);
    return { ...change, kind: 'edited', differences: texts, hasState: true, keepProblem };
  }
  if (change.part === 'join') return { ...change, hasState: true };
  if (change.part !== 'rule') return change;
  const [old, next] = [find<RuleConfig>(before.rules), find<RuleConfig>(after.rules)];
  if (!old || !next) return { ...change, hasState: true };
  const on = (rule: RuleConfig, { windows }: ProcessingConfig) => ({
    rule,
    window: windows.find(({ name }) => name === rule.window) ?? null,
  });
  const [was, is] = [on(old, before), on(next, after)];
  const windowChanged = was.window && is.window ? differences(was.window, is.window).length > 0 : false;
  const joinOf = ({ joins }: ProcessingConfig) =>
    joins.find(({ name }) => next.window === undefined && name === next.field);
  const [wasJoin, isJoin] = [joinOf(before), joinOf(after)];
  const joinChanged = wasJoin && isJoin ? differences(wasJoin, isJoin).length > 0 : false;
  if (change.kind === 'unchanged' && !windowChanged && !joinChanged) return change;
  const texts = [
    ...change.differences,
    ...(windowChanged ? [`its window ${is.window!.name} is edited`] : []),
    ...(joinChanged ? [`its join ${isJoin!.name} is edited`] : []),
  ];
  return { ...change, kind: 'edited', differences: texts, hasState: true, keepProblem: ruleKeepProblem(was, is) };
}

/** The nearest edited window that this one is folded from, however far below; null when there is none. */
function foldedFrom(
  window: WindowConfig,
  before: ProcessingConfig,
  after: ProcessingConfig,
): { readonly before: WindowConfig; readonly after: WindowConfig } | null {
  const find = (list: readonly WindowConfig[], name: string | undefined) => list.find((one) => one.name === name);
  const source = find(after.windows, window.from);
  const was = find(before.windows, window.from);
  if (source === undefined || was === undefined) return null;
  if (differences(was, source).length > 0) return { before: was, after: source };
  return foldedFrom(source, before, after);
}
