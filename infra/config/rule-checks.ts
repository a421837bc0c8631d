import { windowAggregateNames } from '../../events/window.ts';
import { type Entry, type Say, entries, entry, isZero, names } from './check-entries.ts';
import { fieldProblem, knownFields, tagNames, tagProblem } from './known-names.ts';
import { suggestion } from './nearest-name.ts';

/** What rules demand: a field and tags that readings have, a window that computes what they judge. */
export function checkRules(raw: Entry, say: Say): void {
  const windows = entries(raw['windows']);
  const processorNames = names(entries(raw['processors']));
  const tags = tagNames(raw);
  const fields = knownFields(raw);
  const joined = names(entries(raw['joins']));
  for (const [i, rule] of entries(raw['rules'])) {
    if (isZero(rule['stale'])) say(['rules', i, 'stale'], 'must be more than 0');
    const at = processorNames.findIndex((name) => name === rule['name']);
    if (at >= 0) say(['rules', i, 'name'], `"${processorNames[at]}" is already the name of processors[${at}]`);
    for (const tag of Object.keys(entry(rule['where']))) {
      const problem = tagProblem(tag, tags);
      if (problem !== null) say(['rules', i, 'where', tag], problem);
    }
    // A rule on readings may judge what a join computes, too.
    const known = fields !== null && rule['window'] === undefined ? [...fields, ...joined] : fields;
    const unknown = fieldProblem(rule['field'], known);
    if (unknown !== null) say(['rules', i, 'field'], unknown);
    checkRuleWindow(i, unknown === null ? rule : { ...rule, field: undefined }, windows, say);
  }
}

function checkRuleWindow(i: number, rule: Entry, windows: readonly [number, Entry][], say: Say): void {
  if (typeof rule['window'] !== 'string') return;
  const window = windows.find(([, { name }]) => name === rule['window'])?.[1];
  if (window === undefined) {
    const near = suggestion(rule['window'], names(windows));
    say(['rules', i, 'window'], `names no window: "${rule['window']}"${near}`);
    return;
  }
  checkRuleAggregate(i, rule, window, say);
  const fields = window['fields'] ?? ['*'];
  const { field } = rule;
  if (!Array.isArray(fields) || typeof field !== 'string' || fields.includes('*') || fields.includes(field)) return;
  say(['rules', i, 'field'], `"${field}" is not among the fields of window "${rule['window']}" (${fields.join(', ')})`);
}

function checkRuleAggregate(i: number, { aggregate }: Entry, { name, aggregates }: Entry, say: Say): void {
  if (typeof aggregate !== 'string' || (windowAggregateNames as readonly string[]).includes(aggregate)) return;
  if (Array.isArray(aggregates) && aggregates.includes(aggregate)) return;
  say(
    ['rules', i, 'aggregate'],
    `"${aggregate}" is not computed by window "${String(name)}" (add it there: aggregates: [${aggregate}])`,
  );
}
