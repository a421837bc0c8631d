import { watchedKeysMax, type WatchedKeys, type WindowsNow } from '../../events/live.ts';
import type { WindowResult } from '../../events/window.ts';
import { partialsMax } from './devices-page.ts';

/** What a watcher wants holds so long after it said so last. */
export const watchHoldsMs = 6_000;
/** Dashboard processes that may watch; of further ones nobody takes notice until one is gone. */
export const watchersMax = 16;
/** Results of one key kept for the next message; the oldest are left out. */
export const closedMax = 100;

interface Watcher {
  readonly keys: readonly string[];
  readonly untilMs: number;
}

/** Of a key that is watched: what was said of it, and what closed since. */
interface Watched {
  /** Null: nothing was said yet. */
  said: string | null;
  closed: WindowResult[];
}

/**
 * The keys that somebody watches, and what there is to tell of their windows. While nobody watches, nothing is kept and
 * nothing computed. Time is an argument, ms of any clock that runs evenly.
 */
export class WatchedWindows {
  readonly #scope: 'devices' | 'groups';
  readonly #watchers = new Map<string, Watcher>();
  #watched = new Map<string, Watched>();

  /** @param scope whose windows they are */
  constructor(scope: 'devices' | 'groups') {
    this.#scope = scope;
  }

  get size(): number {
    return this.#watched.size;
  }

  /** Replaces what this watcher said before. */
  watch(wanted: WatchedKeys, nowMs: number): void {
    const keys = wanted[this.#scope].slice(0, watchedKeysMax);
    if (keys.length === 0) this.#watchers.delete(wanted.watcher);
    else if (this.#watchers.has(wanted.watcher) || this.#watchers.size < watchersMax)
      this.#watchers.set(wanted.watcher, { keys, untilMs: nowMs + watchHoldsMs });
    this.#gather();
  }

  /** Ends what was not said again in time. */
  expire(nowMs: number): void {
    let ended = false;
    for (const [name, { untilMs }] of this.#watchers)
      if (untilMs <= nowMs) ended = this.#watchers.delete(name) || ended;
    if (ended) this.#gather();
  }

  /** Everything is said anew: the windows are another worker's. */
  restart(): void {
    for (const watched of this.#watched.values()) watched.said = null;
  }

  /** Results of a step. */
  close(results: readonly WindowResult[]): void {
    if (this.#watched.size === 0) return;
    for (const result of results) {
      const watched = this.#watched.get(result.key);
      if (watched === undefined) continue;
      watched.closed.push(result);
      if (watched.closed.length > closedMax) watched.closed.shift();
    }
  }

  /** What changed since the last time, and every key that is new once. @param partialsOf the open windows of a key */
  take(partialsOf: (key: string) => readonly WindowResult[]): WindowsNow[] {
    const items: WindowsNow[] = [];
    for (const [key, watched] of this.#watched) {
      const open = partialsOf(key).slice(0, partialsMax);
      const says = open.map(signOf).join('\n');
      if (watched.said === says && watched.closed.length === 0) continue;
      items.push({ key, open, closed: watched.closed });
      watched.said = says;
      watched.closed = [];
    }
    return items;
  }

  #gather(): void {
    const watched = new Map<string, Watched>();
    for (const { keys } of this.#watchers.values())
      for (const key of keys) watched.set(key, this.#watched.get(key) ?? { said: null, closed: [] });
    this.#watched = watched;
  }
}

/** Each value that a window takes raises its count. */
function signOf({ window, field, startUs, endUs, count, incomplete }: WindowResult): string {
  return `${window} ${field} ${startUs} ${endUs} ${count} ${incomplete ?? ''}`;
}
