import { watchedKeysMax, type WatchedKeys, type WindowKeys, type WindowsNow } from '../../../events/live.ts';

/** A watch is said again so often; workers let go of what they have not heard of for 6 s. */
export const watchEveryMs = 2_000;
/** Results of one key kept for the next frame; the oldest are left out. */
const closedMax = 100;

export type Scope = 'device' | 'group';
interface Wanted {
  readonly scope: Scope;
  readonly key: string;
}

type Told = WindowsNow & { readonly scope: Scope };

interface Known {
  readonly told: Told;
  /** Of the last change. */
  readonly tick: number;
}

const idOf = (scope: Scope, key: string) => `${scope} ${key}`;

/**
 * Whose open windows viewers want, and how these stand. Of keys that nobody wants any more nothing is kept. Holds no
 * client and no clock.
 */
export class WindowWatch {
  readonly #watcher: string;
  #wanted = new Map<string, Wanted>();
  readonly #known = new Map<string, Known>();
  /** What changed since the last frame. */
  readonly #changed = new Map<string, Told>();

  /** @param watcher tells dashboard processes apart */
  constructor(watcher: string) {
    this.#watcher = watcher;
  }

  /** The keys that all viewers together want, in the order in which they came. Those beyond the bound are left out. */
  want(all: Iterable<WindowKeys>): void {
    const wanted = new Map<string, Wanted>();
    for (const { devices, groups } of all)
      for (const [scope, keys] of [['device', devices] as const, ['group', groups] as const])
        for (const key of keys) if (wanted.size < watchedKeysMax) wanted.set(idOf(scope, key), { scope, key });
    this.#wanted = wanted;
    for (const id of this.#known.keys()) if (!wanted.has(id)) this.#known.delete(id);
    for (const id of this.#changed.keys()) if (!wanted.has(id)) this.#changed.delete(id);
  }

  /** What workers are told. */
  get message(): WatchedKeys {
    const of = (scope: Scope) => [...this.#wanted.values()].filter((one) => one.scope === scope).map(({ key }) => key);
    return { watcher: this.#watcher, devices: of('device'), groups: of('group') };
  }

  /** None of these is beyond the bound. */
  holds(keys: WindowKeys): boolean {
    return idsOf(keys).every((id) => this.#wanted.has(id));
  }

  /** False: nobody wants it. */
  take(scope: Scope, { key, open, closed }: WindowsNow, tick: number): boolean {
    const id = idOf(scope, key);
    if (!this.#wanted.has(id)) return false;
    this.#known.set(id, { tick, told: { scope, key, open, closed: [] } });
    const before = this.#changed.get(id)?.closed ?? [];
    this.#changed.set(id, { scope, key, open, closed: [...before, ...closed].slice(-closedMax) });
    return true;
  }

  /** What changed of these keys since the last frame. */
  changed(keys: WindowKeys): readonly Told[] {
    return idsOf(keys).flatMap((id) => this.#changed.get(id) ?? []);
  }

  /** How these keys stood at the last frame. */
  settled(keys: WindowKeys): readonly Told[] {
    return idsOf(keys).flatMap((id) => (this.#changed.has(id) ? [] : (this.#known.get(id)?.told ?? [])));
  }

  /** How these keys stand, where that changed after `tick`. */
  known(keys: WindowKeys, tick: number): readonly Told[] {
    return idsOf(keys).flatMap((id) => {
      const known = this.#known.get(id);
      return known !== undefined && known.tick > tick ? known.told : [];
    });
  }

  clear(): void {
    this.#changed.clear();
  }
}

function idsOf({ devices, groups }: WindowKeys): string[] {
  return [...devices.map((key) => idOf('device', key)), ...groups.map((key) => idOf('group', key))];
}
