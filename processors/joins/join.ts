import type { DerivedReading, FieldValue, Reading } from '../../events/reading.ts';
import type { JoinConfig } from '../../infra/config/schema.ts';
import { compileExpression, type Expression } from '../../infra/expression/expression.ts';
import { Deadlines } from '../clock/deadlines.ts';
import { groupFinder, type GroupKey } from '../windows/group-key.ts';
import { groupsMax } from '../windows/groups-max.ts';
import { Side, sideReadingsMax, type Sample, type SampleRow } from './side.ts';

export interface JoinCounts {
  /** Left readings that found a right one. */
  joined: number;
  /** Left readings that found none. */
  alone: number;
  /** Readings that came when their time was decided already. */
  late: number;
  /** Readings beyond the bounds: of a further group, or the oldest of a full side, decided or dropped before its time. */
  beyond: number;
  /** Results that were no finite number, or missing. */
  notFinite: number;
}

/** The readings of equal `by` tags. */
interface Group extends Omit<GroupKey, 'tags'> {
  /** Of a device they may change: those of its last reading. */
  tags: Reading['tags'];
  readonly left: Side;
  readonly right: Side;
  /** When something of it is due; null when it waits for nothing. */
  waiting: Wait | null;
}

/** A reading that is older than the others of its group is due before them: then another wait takes this one's place. */
interface Wait {
  readonly group: Group;
  readonly dueUs: number;
}

interface JoinSnapshot {
  readonly watermarkUs: number;
  readonly counts: JoinCounts;
  readonly groups: readonly (readonly [
    key: string,
    device: string,
    tags: Reading['tags'],
    left: SampleRow[],
    right: SampleRow[],
  ])[];
}

/**
 * Joins two fields on event time: each left reading with the right one nearest to it, at most `tolerance` away, of the
 * same group. Its watermark is the log's clock less `lateness`, as of all that spans devices. A left reading is decided
 * once, when the watermark has passed its time and the tolerance: whatever comes in time, in any order, gives the same.
 */
export class Join {
  readonly #config: JoinConfig;
  readonly #expression: Expression;
  readonly #toleranceUs: number;
  readonly #latenessUs: number;
  readonly #groups = new Map<string, Group>();
  readonly counts: JoinCounts;
  readonly #groupKey: (reading: Reading) => GroupKey | null;
  /** By the watermark: a message costs what is due, not what waits. */
  readonly #due = new Deadlines<Wait>(({ dueUs }) => dueUs);
  #watermarkUs: number;
  /** Readings of further groups since it was set to 0. */
  leftOut = 0;

  constructor(config: JoinConfig, restored?: unknown) {
    const compiled = compileExpression(config.expression, ['left', 'right']);
    if ('problem' in compiled) throw new RangeError(`join ${config.name}: ${compiled.problem}`);
    this.#config = config;
    this.#expression = compiled;
    this.#toleranceUs = Math.round(config.tolerance * 1e3);
    this.#latenessUs = Math.round(config.lateness * 1e3);
    this.#groupKey = groupFinder(config.by);
    const saved = restored as JoinSnapshot | undefined;
    this.#watermarkUs = saved?.watermarkUs ?? 0;
    this.counts = { ...(saved?.counts ?? { joined: 0, alone: 0, late: 0, beyond: 0, notFinite: 0 }) };
    for (const [key, device, tags, left, right] of saved?.groups ?? []) {
      const group = { key, device, tags, left: new Side(left), right: new Side(right), waiting: null };
      this.#groups.set(key, group);
      this.#expect(group);
    }
  }

  /** Takes a reading into the side, or both, that it belongs to. What is decided by that is in `joined`. */
  add(reading: Reading, joined: DerivedReading[]): void {
    const { left, right } = this.#config;
    if (concerns(left, reading)) this.#take(reading, left.field, 'left', joined);
    if (concerns(right, reading)) this.#take(reading, right.field, 'right', joined);
  }

  /** Lets the log's clock move; it never goes back. */
  advance(nowUs: number, joined: DerivedReading[]): void {
    const watermarkUs = nowUs - this.#latenessUs;
    if (watermarkUs <= this.#watermarkUs) return;
    this.#watermarkUs = watermarkUs;
    this.#due.advance(watermarkUs, (wait) => {
      const { group } = wait;
      if (group.waiting !== wait) return;
      group.waiting = null;
      for (const sample of group.left.takeBefore(watermarkUs - this.#toleranceUs)) this.#decide(group, sample, joined);
      // No left reading that can still come, or waits, is as near as the tolerance to these.
      group.right.takeBefore(watermarkUs - 2 * this.#toleranceUs);
      if (group.left.size + group.right.size === 0) this.#groups.delete(group.key);
      else this.#expect(group);
    });
  }

  snapshot(): unknown {
    return {
      watermarkUs: this.#watermarkUs,
      counts: { ...this.counts },
      groups: Array.from(
        this.#groups,
        ([key, { device, tags, left, right }]) => [key, device, tags, left.toRows(), right.toRows()] as const,
      ),
    } satisfies JoinSnapshot;
  }

  #take(reading: Reading, field: string, which: 'left' | 'right', joined: DerivedReading[]): void {
    const value = numberOf(reading.fields[field]);
    if (value === null) return;
    const { timeUs, key, origin } = reading;
    const keptUs = which === 'left' ? this.#toleranceUs : 2 * this.#toleranceUs;
    if (timeUs + keptUs < this.#watermarkUs) {
      this.counts.late++;
      return;
    }
    const group = this.#groupOf(reading);
    if (group === null) return;
    const side = group[which];
    side.add({ timeUs, value, key, origin });
    this.#expect(group);
    if (side.size <= sideReadingsMax) return;
    this.counts.beyond++;
    const oldest = side.takeFirst()!;
    if (which === 'left') this.#decide(group, oldest, joined);
  }

  /** Something of it is due when the watermark is past the time of its earliest readings and what these are kept for. */
  #expect(group: Group): void {
    const { left, right, waiting } = group;
    const dueUs = Math.min(left.firstUs + this.#toleranceUs, right.firstUs + 2 * this.#toleranceUs) + 1;
    if (waiting !== null && waiting.dueUs <= dueUs) return;
    const wait = { group, dueUs };
    group.waiting = wait;
    this.#due.watch(wait);
  }

  /** Null: the reading lacks a tag of `by`, or there are too many groups. */
  #groupOf(reading: Reading): Group | null {
    const found = this.#groupKey(reading);
    if (found === null) return null;
    const { key, device, tags } = found;
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.tags = tags;
      return known;
    }
    if (this.#groups.size >= groupsMax) {
      this.counts.beyond++;
      this.leftOut++;
      return null;
    }
    const group = { key, device, tags, left: new Side(), right: new Side(), waiting: null };
    this.#groups.set(key, group);
    return group;
  }

  #decide({ key, device, tags, right }: Group, left: Sample, joined: DerivedReading[]): void {
    const partner = right.nearest(left.timeUs, this.#toleranceUs);
    if (partner === null) {
      this.counts.alone++;
      return;
    }
    const value = this.#expression.evaluate({ left: left.value, right: partner.value });
    if (value === undefined || Number.isNaN(value)) {
      this.counts.notFinite++;
      return;
    }
    this.counts.joined++;
    const { name } = this.#config;
    const { timeUs, origin } = left;
    const fields = { [name]: typeof value === 'number' ? value + 0 : value };
    joined.push({ processor: name, key, device, timeUs, fields, tags, origin });
  }
}

function numberOf(value: FieldValue | undefined): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'boolean' ? Number(value) : null;
}

function concerns({ where }: JoinConfig['left'], { device, tags }: Reading): boolean {
  for (const name in where) if ((name === 'device' ? device : tags[name]) !== where[name]) return false;
  return true;
}
