import type { DeviceLife } from '../../events/device.ts';
import type { DeviceSeries, LifeOperation } from '../../events/record.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import { Replacements } from './replacements.ts';

/** Erasures remembered in a partition, the latest: a rebuild or replay that reads what was before leaves it out. */
export const erasuresMax = 10_000;

interface Entry {
  label: string;
  /** The label before the last rename. */
  labelBefore: string;
  retired: boolean;
  /** The key that its readings come under, and where: null in this partition. */
  by: { readonly key: string; readonly partition: number | null } | null;
}

/** What an operation came to; anything but `done` is a sentence that says why nothing was changed. */
export type LifeOutcome = 'done' | (string & {});

type Replacing = Extract<LifeOperation, { kind: 'replace' }>;

/**
 * What people did with the devices of one partition, as the log has it: labels, retirements, replacements, erasures. It
 * outlives the devices' other state: who was retired and forgotten is retired when it comes back.
 */
export class DeviceLives {
  readonly #room = new ColumnRoom();
  readonly #entries = new Map<string, Entry>();
  /** Position of the latest erasure of a key, the oldest first. */
  readonly #erased = new Map<string, number>();
  /** Whose readings those are that come to this partition. */
  #replacements = new Replacements();

  /** @param saved what `snapshot` returned. @param old what a version before replacements across partitions had saved */
  constructor(saved?: Columns, old?: Columns) {
    const columns = saved ?? old;
    if (columns !== undefined) this.#read(new ColumnReader(columns), saved === undefined);
  }

  get replacements(): Replacements {
    return this.#replacements;
  }

  /** @param entriesMax devices with a label, retirement or replacement. @param sequence of the record's message */
  apply(operation: LifeOperation, sequence: number, entriesMax: number): LifeOutcome {
    const { kind, key } = operation;
    if (kind === 'erase') return this.#erase(key, sequence);
    if (kind === 'give') {
      const problem = this.givingProblem(key, operation.to);
      if (problem !== null) return problem;
      const { to, series, partition } = operation;
      if (this.#replacements.ownerOf(key) === undefined)
        this.#replacements.begin(key, { key: to, series, partition, since: sequence });
      return 'done';
    }
    if (kind === 'release') {
      if (this.#replacements.ownerOf(key)?.key !== operation.to)
        return `the readings of ${key} are not those of ${operation.to}`;
      this.#replacements.end(key, sequence);
      return 'done';
    }
    // What another partition has begun is so: here it is only noted.
    const isNoted = kind === 'replace' && operation.partition !== undefined;
    if (!this.#entries.has(key) && this.#entries.size >= entriesMax && !isNoted)
      return `the partition already has ${entriesMax} devices that were renamed, retired or replaced`;
    const entry = this.#entries.get(key) ?? { label: '', labelBefore: '', retired: false, by: null };
    const outcome = this.#change(entry, operation, sequence);
    if (entry.label === '' && !entry.retired && entry.by === null) this.#entries.delete(key);
    else this.#entries.set(key, entry);
    return outcome;
  }

  #change(
    entry: Entry,
    operation: Exclude<LifeOperation, { kind: 'erase' | 'give' | 'release' }>,
    sequence: number,
  ): LifeOutcome {
    switch (operation.kind) {
      case 'rename':
        // Its own name has none before it: with it the entry may go.
        entry.labelBefore = operation.label === '' || operation.label === entry.label ? '' : entry.label;
        entry.label = operation.label;
        return 'done';
      case 'undo-rename':
        if (entry.label === '') return `${operation.key} was not renamed`;
        entry.label = entry.labelBefore;
        entry.labelBefore = '';
        return 'done';
      case 'replace':
        return this.#replace(entry, operation, sequence);
      case 'undo-replace': {
        const { key, by } = operation;
        const isHere = this.#replacements.hereOf(key) === by;
        if (entry.by?.key !== by && !isHere) return `the readings of ${by} are not those of ${key}`;
        if (isHere) this.#replacements.end(by, sequence);
        if (entry.by?.key === by) entry.by = null;
        return 'done';
      }
      case 'retire':
      case 'revive':
        entry.retired = operation.kind === 'retire';
        return 'done';
    }
  }

  #replace(entry: Entry, { key, by, series, ...noted }: Replacing, sequence: number): LifeOutcome {
    const partition = noted.partition ?? null;
    const problem = partition === null ? this.replacementProblem(key, by) : null;
    if (problem !== null) return problem;
    const before = this.#replacements.hereOf(key);
    if (before !== null && (before !== by || partition !== null)) this.#replacements.end(before, sequence);
    if (partition === null && before !== by)
      this.#replacements.begin(by, { key, series, partition: null, since: sequence });
    entry.by = { key: by, partition };
    return 'done';
  }

  /** Why the readings under `by` cannot become those of `key`, both of this partition; null when they can. */
  replacementProblem(key: string, by: string): string | null {
    return this.replacedProblem(key, by) ?? this.givingProblem(by, key);
  }

  /** What on the side of the device stands against it. */
  replacedProblem(key: string, by: string): string | null {
    if (by === key) return `${by} is the device itself`;
    const owner = this.#replacements.ownerOf(key);
    return owner === undefined ? null : `the readings of ${key} are those of ${owner.key} already`;
  }

  /** What on the side of the new hardware stands against it. */
  givingProblem(by: string, key: string): string | null {
    const owner = this.#replacements.ownerOf(by);
    if (owner !== undefined && owner.key !== key) return `the readings of ${by} are those of ${owner.key} already`;
    const own = this.#entries.get(by)?.by;
    return own ? `${by} was itself replaced, by ${own.key}` : null;
  }

  of(key: string): DeviceLife {
    const entry = this.#entries.get(key);
    if (entry === undefined) return untouched;
    return { label: entry.label, retired: entry.retired, replacedBy: entry.by?.key ?? null };
  }

  /** The new hardware of a device, where that is in another partition; null for others. */
  elsewhere(key: string): { readonly key: string; readonly partition: number } | null {
    const by = this.#entries.get(key)?.by ?? null;
    return by === null || by.partition === null ? null : { key: by.key, partition: by.partition };
  }

  /** Keys of the devices that are retired. */
  retired(): string[] {
    return [...this.#entries].filter(([, { retired }]) => retired).map(([key]) => key);
  }

  isRetired(key: string): boolean {
    return this.#entries.size > 0 && this.#entries.get(key)?.retired === true;
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

  /**
   * For who reads the log from this position on without the state there: the replacements that were in force then, all
   * else as it is now.
   */
  before(sequence: number): Columns {
    const then = new DeviceLives();
    for (const [key, entry] of this.#entries) then.#entries.set(key, { ...entry });
    then.#replacements = this.#replacements.at(sequence);
    return then.snapshot();
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    columns.whole(this.#entries.size);
    for (const [key, { label, labelBefore, retired, by }] of this.#entries) {
      columns.text(key);
      columns.text(label);
      columns.flag(retired);
      columns.flag(by !== null);
      columns.text(labelBefore);
      if (by === null) continue;
      columns.text(by.key);
      columns.whole(by.partition === null ? 0 : by.partition + 1);
    }
    columns.whole(this.#erased.size);
    for (const [key, sequence] of this.#erased) {
      columns.text(key);
      columns.number(sequence);
    }
    this.#replacements.write(columns);
    return columns.columns();
  }

  #read(columns: ColumnReader, isOld: boolean): void {
    for (let left = columns.whole(); left > 0; left--) {
      const [key, label, retired, isReplaced] = [columns.text(), columns.text(), columns.flag(), columns.flag()];
      const labelBefore = isOld ? '' : columns.text();
      const entry: Entry = { label, labelBefore, retired, by: null };
      this.#entries.set(key, entry);
      if (!isReplaced) continue;
      const by = columns.text();
      if (isOld) {
        const series = columns.value() as DeviceSeries;
        this.#replacements.begin(by, { key, series, partition: null, since: 0 });
      }
      const at = isOld ? 0 : columns.whole();
      entry.by = { key: by, partition: at === 0 ? null : at - 1 };
    }
    for (let left = columns.whole(); left > 0; left--) this.#erased.set(columns.text(), columns.number());
    if (!isOld) this.#replacements.read(columns);
  }

  #erase(key: string, sequence: number): LifeOutcome {
    this.#entries.delete(key);
    const by = this.#replacements.hereOf(key);
    if (by !== null) this.#replacements.end(by, sequence);
    this.#erased.delete(key);
    this.#erased.set(key, sequence);
    if (this.#erased.size > erasuresMax) this.#erased.delete(this.#erased.keys().next().value!);
    return 'done';
  }
}

const untouched: DeviceLife = { label: '', retired: false, replacedBy: null };
