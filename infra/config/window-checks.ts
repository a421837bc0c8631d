import { windowKinds } from '../../events/window.ts';
import { type Entry, type Say, isZero } from './check-entries.ts';
import { checkFold } from './fold-checks.ts';
import { fieldProblem, tagProblem, texts } from './known-names.ts';
import { timeZoneProblem } from './time-zones.ts';
import { parseDurationMs } from './units.ts';

/** Hopping windows that a reading may be in. */
const hopsMax = 64;
const dayMs = 86_400_000;

/** Kinds that a setting means something for; what is not here is for all. */
const meantFor: Readonly<Record<string, readonly string[]>> = {
  size: ['tumbling', 'hopping', 'sliding'],
  every: ['hopping'],
  gap: ['session'],
  count: ['count'],
  from: ['tumbling', 'hopping'],
  timezone: ['tumbling'],
  lateness: ['tumbling', 'hopping', 'sliding', 'session'],
  idle: ['tumbling', 'hopping', 'session'],
  retain: ['tumbling', 'hopping', 'session'],
};

/** What there is for windows to be about. */
export interface WindowNames {
  /** Placeholders of the topics, `device` among them, and what tables bring. */
  readonly tags: readonly string[];
  /** Null: any may be. */
  readonly fields: readonly string[] | null;
}

/** What a window demands beyond its types. */
export function checkWindows(windows: readonly [number, Entry][], { tags, fields }: WindowNames, say: Say): void {
  for (const [i, window] of windows) {
    const kind = window['kind'] ?? 'tumbling';
    // Of a kind that there is not the schema says so; what is meant by it is not known.
    const isKind = (windowKinds as readonly unknown[]).includes(kind);
    for (const [key, kinds] of Object.entries(meantFor)) {
      if (window[key] !== undefined && isKind && !kinds.includes(kind as string))
        say(
          ['windows', i, key],
          `is for ${kinds.join(', ')} windows, this one is ${kind as string}${meant(key, window)}`,
        );
    }
    for (const key of ['size', 'idle', 'every', 'gap']) {
      if (isZero(window[key])) say(['windows', i, key], 'must be more than 0');
    }
    if (window['from'] !== undefined && window['lateness'] !== undefined)
      say(['windows', i, 'lateness'], 'is that of the window named by "from"');
    if (kind === 'hopping') checkHops(i, window, say);
    checkTimezone(i, window, say);
    checkGrouping(i, window, tags, say);
    for (const [j, field] of texts(window['fields']).entries()) {
      const problem = field === '*' ? null : fieldProblem(field, fields);
      if (problem !== null) say(['windows', i, 'fields', j], problem);
    }
    checkFold(i, window, windows, say);
  }
}

/** The kind that was probably meant, where one setting says so. */
function meant(key: string, window: Entry): string {
  const kinds = meantFor[key]!;
  return window['kind'] === undefined && kinds.length === 1 && kinds[0] !== 'tumbling'
    ? ` (did you mean "kind: ${kinds[0]}"?)`
    : '';
}

function checkHops(i: number, window: Entry, say: Say): void {
  const [size, every] = [durationOf(window['size']), durationOf(window['every'])];
  if (size === null || every === null || every === 0) return;
  const is = `size is ${String(window['size'])}, every ${String(window['every'])}`;
  if (size % every !== 0) say(['windows', i, 'size'], `must be a multiple of every: ${is}`);
  else if (size / every > hopsMax)
    say(['windows', i, 'every'], `would put a reading into ${size / every} windows, at most ${hopsMax}: ${is}`);
}

function checkTimezone(i: number, { timezone, size }: Entry, say: Say): void {
  if (typeof timezone !== 'string') return;
  const problem = timeZoneProblem(timezone);
  if (problem !== '') say(['windows', i, 'timezone'], problem);
  const sizeMs = durationOf(size);
  if (sizeMs !== null && sizeMs % dayMs !== 0)
    say(['windows', i, 'timezone'], `is for windows of whole days such as 1d, this one is ${String(size)}`);
}

function checkGrouping(i: number, { by }: Entry, tags: readonly string[], say: Say): void {
  if (!Array.isArray(by)) return;
  if (by.includes('device') && by.length > 1)
    say(['windows', i, 'by'], 'names device and more: a device has its tags already, so write [device]');
  for (const [j, tag] of by.entries()) {
    if (typeof tag !== 'string') continue;
    if (by.indexOf(tag) < j) say(['windows', i, 'by', j], `"${tag}" is there twice`);
    const problem = tagProblem(tag, tags);
    if (problem !== null) say(['windows', i, 'by', j], problem);
  }
}

function durationOf(value: unknown): number | null {
  return typeof value === 'string' ? parseDurationMs(value) : null;
}
