import { windowKinds } from '../../events/window.ts';
import { type Entry, type Say, names } from './check-entries.ts';
import { suggestion } from './nearest-name.ts';
import { valueText } from './problem.ts';
import { splitsWindows, timeZoneProblem } from './time-zones.ts';
import { parseDurationMs } from './units.ts';

/** What `from` demands of a window and of the shorter one it is folded from. */
export function checkFold(i: number, window: Entry, windows: readonly [number, Entry][], say: Say): void {
  const { from } = window;
  if (typeof from !== 'string') return;
  const others = names(windows).filter((name) => name !== window['name']);
  const source = windows.find(([, { name }]) => name === from && name !== window['name'])?.[1];
  if (source === undefined) {
    say(['windows', i, 'from'], `names no other window: "${from}"${suggestion(from, others)}`);
    return;
  }
  const kind = source['kind'] ?? 'tumbling';
  if (kind !== 'tumbling') {
    // Of a kind that there is not the schema says so.
    if (!(windowKinds as readonly unknown[]).includes(kind)) return;
    say(['windows', i, 'from'], `"${from}" is a ${kind as string} window; only tumbling ones can be folded`);
    return;
  }
  for (const key of ['fields', 'by'] as const) {
    const [own, its] = [listText(window, key), listText(source, key)];
    if (own !== its) say(['windows', i, key], `must be as in "${from}" that it is folded from: ${its}`);
  }
  const computed = list(source['aggregates']);
  for (const [j, aggregate] of list(window['aggregates']).entries()) {
    if (!computed.includes(aggregate))
      say(['windows', i, 'aggregates', j], `is not computed by "${from}" that it is folded from: ${String(aggregate)}`);
  }
  checkSizes(i, window, source, say);
}

function checkSizes(i: number, window: Entry, source: Entry, say: Say): void {
  const [size, part] = [durationOf(window['size']), durationOf(source['size'])];
  if (size === null || part === null || part === 0) return;
  const from = String(source['name']);
  if (size % part !== 0 || size === part) {
    say(
      ['windows', i, 'size'],
      `must be a multiple of the ${String(source['size'])} of "${from}", is ${String(window['size'])}`,
    );
    return;
  }
  const every = durationOf(window['every']);
  if (every !== null && every % part !== 0) {
    say(
      ['windows', i, 'every'],
      `must be a multiple of the ${String(source['size'])} of "${from}", is ${String(window['every'])}`,
    );
    return;
  }
  const { timezone } = window;
  if (source['timezone'] !== undefined && timezone !== source['timezone']) {
    say(['windows', i, 'timezone'], `must be as in "${from}" that it is folded from: ${valueText(source['timezone'])}`);
    return;
  }
  if (typeof timezone !== 'string' || source['timezone'] !== undefined || timeZoneProblem(timezone) !== '') return;
  if (splitsWindows(timezone, part))
    say(
      ['windows', i, 'from'],
      `"${from}" does not fit: midnight in ${timezone} is not always between two of its windows`,
    );
}

const defaults = { fields: ['*'], by: ['device'] };

function listText(window: Entry, key: keyof typeof defaults): string {
  return `[${list(window[key] ?? defaults[key]).join(', ')}]`;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function durationOf(value: unknown): number | null {
  return typeof value === 'string' ? parseDurationMs(value) : null;
}
