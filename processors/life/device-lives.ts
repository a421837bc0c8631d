import type { DeviceLife } from '../../events/device.ts';
import type { DeviceSeries, LifeOperation } from '../../events/record.ts';
import { hashText } from '../decode/hash.ts';
import type { Route } from '../decode/routes.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';

/** Erasures remembered in a partition, the latest: a rebuild or replay that reads what was before leaves it out. */
export const erasuresMax = 10_000;

interface Entry {
  label: string;
  retired: boolean;
  /** The key that its readings come under, and what its own points are told by. */
  by: { readonly key: string; readonly series: DeviceSeries } | null;
}

/** What an operation came to; anything but `done` is a sentence that says why nothing was changed. */
export type LifeOutcome = 'done' | (string & {});

/**
 * What people did with the devices of one partition, as the log has it: labels, retirements, replacements, erasures. It
 * outlives the devices' other state: who was retired and forgotten is retired when it comes back.
 */
export class DeviceLives {
  readonly #room = new ColumnRoom();
  readonly #entries = new Map<string, Entry>();
  /** Position of the latest erasure of a key, the oldest first. */
  readonly #erased = new Map<string, number>();
  /** The devices by the keys that their readings come under. */
  readonly #followed = new Map<string, string>();
  #routes = new WeakMap<Route, Route>();

  /** @param saved what `snapshot` returned. */
  constructor(saved?: Columns) {
    if (saved === undefined) return;
    const columns = new ColumnReader(saved);
    for (let left = columns.whole(); left > 0; left--) {
      const key = columns.text();
      const label = columns.text();
      const retired = columns.flag();
      const by = columns.flag() ? { key: columns.text(), series: columns.value() as DeviceSeries } : null;
      this.#entries.set(key, { label, retired, by });
      if (by !== null) this.#followed.set(by.key, key);
    }
    for (let left = columns.whole(); left > 0; left--) this.#erased.set(columns.text(), columns.number());
  }

  /** @param entriesMax devices with a label, retirement or replacement. @param sequence of the record's message */
  apply(operation: LifeOperation, sequence: number, entriesMax: number): LifeOutcome {
    const { key } = operation;
    if (operation.kind === 'erase') {
      this.#drop(key);
      this.#erased.delete(key);
      this.#erased.set(key, sequence);
      if (this.#erased.size > erasuresMax) this.#erased.delete(this.#erased.keys().next().value!);
      return 'done';
    }
    const isNew = !this.#entries.has(key);
    if (isNew && this.#entries.size >= entriesMax)
      return `the partition already has ${entriesMax} devices that were renamed, retired or replaced`;
    if (operation.kind === 'replace') {
      const problem = this.replacementProblem(key, operation.by);
      if (problem !== null) return problem;
    }
    const entry = this.#entries.get(key) ?? { label: '', retired: false, by: null };
    this.#entries.set(key, entry);
    if (operation.kind === 'rename') entry.label = operation.label;
    else if (operation.kind === 'replace') {
      if (entry.by !== null) this.#followed.delete(entry.by.key);
      entry.by = { key: operation.by, series: operation.series };
      this.#followed.set(operation.by, key);
      this.#routes = new WeakMap();
    } else entry.retired = operation.kind === 'retire';
    if (entry.label === '' && !entry.retired && entry.by === null) this.#entries.delete(key);
    return 'done';
  }

  /** Why the readings under `by` cannot become those of `key`; null when they can. */
  replacementProblem(key: string, by: string): string | null {
    if (by === key) return `${by} is the device itself`;
    if (this.#followed.has(key)) return `the readings of ${key} are those of ${this.#followed.get(key)!} already`;
    const other = this.#followed.get(by);
    if (other !== undefined && other !== key) return `the readings of ${by} are those of ${other} already`;
    if (this.#entries.get(by)?.by) return `${by} was itself replaced, by ${this.#entries.get(by)!.by!.key}`;
    return null;
  }

  of(key: string): DeviceLife {
    const entry = this.#entries.get(key);
    if (entry === undefined) return untouched;
    return { label: entry.label, retired: entry.retired, replacedBy: entry.by?.key ?? null };
  }

  /** Keys of the devices that are retired. */
  retired(): string[] {
    return [...this.#entries].filter(([, { retired }]) => retired).map(([key]) => key);
  }

  isRetired(key: string): boolean {
    return this.#entries.size > 0 && this.#entries.get(key)?.retired === true;
  }

  /** The route of the device that this one's readings are of: itself, or what its hardware has replaced. */
  routeOf(route: Route): Route {
    if (this.#followed.size === 0 || route.key === null) return route;
    const known = this.#routes.get(route);
    if (known !== undefined) return known;
    const key = this.#followed.get(route.key);
    const found = key === undefined ? route : asDevice(route, key, this.#entries.get(key)!.by!.series);
    this.#routes.set(route, found);
    return found;
  }

  /** Whether the device was erased at or after this position. */
  isErased(key: string, sequence: number): boolean {
    if (this.#erased.size === 0) return false;
    const at = this.#erased.get(key);
    return at !== undefined && sequence <= at;
  }

  /** Key and position of each erasure. */
  erasures(): [key: string, sequence: number][] {
    return [...this.#erased];
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    columns.whole(this.#entries.size);
    for (const [key, { label, retired, by }] of this.#entries) {
      columns.text(key);
      columns.text(label);
      columns.flag(retired);
      columns.flag(by !== null);
      if (by === null) continue;
      columns.text(by.key);
      columns.value(by.series);
    }
    columns.whole(this.#erased.size);
    for (const [key, sequence] of this.#erased) {
      columns.text(key);
      columns.number(sequence);
    }
    return columns.columns();
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    if (entry.by === null) return;
    this.#followed.delete(entry.by.key);
    this.#routes = new WeakMap();
  }
}

const untouched: DeviceLife = { label: '', retired: false, replacedBy: null };

/** Tags that only the new topic has stay: they are of the reading. */
function asDevice(route: Route, key: string, { device, tags }: DeviceSeries): Route {
  const all = { ...route.tags, ...tags };
  return { ...route, key, device, tags: all, tagsHash: hashText(JSON.stringify(all)), known: null };
}
