import { type Entry, type Say, isZero, names } from './check-entries.ts';
import { suggestion } from './nearest-name.ts';

/** What a window demands beyond its types. */
export function checkWindows(windows: readonly [number, Entry][], say: Say): void {
  for (const [i, window] of windows) {
    if (isZero(window['size'])) say(['windows', i, 'size'], 'must be more than 0');
    if (isZero(window['idle'])) say(['windows', i, 'idle'], 'must be more than 0');
  }
}

export function checkRuleWindow(i: number, rule: Entry, windows: readonly [number, Entry][], say: Say): void {
  if (typeof rule['window'] !== 'string') return;
  const window = windows.find(([, { name }]) => name === rule['window'])?.[1];
  if (window === undefined) {
    const near = suggestion(rule['window'], names(windows));
    say(['rules', i, 'window'], `names no window: "${rule['window']}"${near}`);
    return;
  }
  const fields = window['fields'] ?? ['*'];
  const { field } = rule;
  if (!Array.isArray(fields) || typeof field !== 'string' || fields.includes('*') || fields.includes(field)) return;
  say(['rules', i, 'field'], `"${field}" is not among the fields of window "${rule['window']}" (${fields.join(', ')})`);
}
