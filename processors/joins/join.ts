import type { DerivedReading, FieldValue, Reading } from '../../events/reading.ts';
import type { JoinConfig } from '../../infra/config/schema.ts';
import { compileExpression, type Expression } from '../../infra/expression/expression.ts';
import { Side, sideReadingsMax, type Sample, type SampleRow } from './side.ts';

/** Groups that one join keeps readings of. */
export const joinGroupsMax = 10_000;

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
interface Group {
  readonly device: string;
  /** Of a device they may change: those of its last reading. */
  tags: Reading['tags'];
  readonly left: Side;
  readonly right: Side;
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
  #watermarkUs: number;
  /** Nothing is due before the watermark is past it; -infinity: not known. */
  #dueUs = Number.NEGATIVE_INFINITY;

  constructor(config: JoinConfig, restored?: unknown) {
    const compiled = compileExpression(config.expression, ['left', 'right']);
    if ('problem' in compiled) throw new RangeError(`join ${config.name}: ${compiled.problem}`);
    this.#config = config;
    this.#expression = compiled;
    this.#toleranceUs = Math.round(config.tolerance * 1e3);
    this.#latenessUs = Math.round(config.lateness * 1e3);
    const saved = restored as JoinSnapshot | undefined;
    this.#watermarkUs = saved?.watermarkUs ?? 0;
    this.counts = { ...(saved?.counts ?? { joined: 0, alone: 0, late: 0, beyond: 0, notFinite: 0 }) };
    for (const [key, device, tags, left, right] of saved?.groups ?? [])
      this.#groups.set(key, { device, tags, left: new Side(left), right: new Side(right) });
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
    if (watermarkUs <= this.#dueUs) return;
    this.#dueUs = Number.POSITIVE_INFINITY;
    for (const [key, group] of this.#groups) {
      for (const sample of group.left.takeBefore(watermarkUs - this.#toleranceUs))
        this.#decide(key, group, sample, joined);
      // No left reading that can still come, or waits, is as near as the tolerance to these.
      group.right.takeBefore(watermarkUs - 2 * this.#toleranceUs);
      if (group.left.size + group.right.size === 0) this.#groups.delete(key);
      else this.#expect(group.left.firstUs + this.#toleranceUs, group.right.firstUs + 2 * this.#toleranceUs);
    }
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
    const found = this.#groupOf(reading);
    if (found === null) return;
    const [name, group] = found;
    const side = group[which];
    side.add({ timeUs, value, key, origin });
    this.#expect(timeUs + keptUs);
    if (side.size <= sideReadingsMax) return;
    this.counts.beyond++;
    const oldest = side.takeFirst()!;
    if (which === 'left') this.#decide(name, group, oldest, joined);
  }

  #expect(...timesUs: number[]): void {
    this.#dueUs = Math.min(this.#dueUs, ...timesUs);
  }

  /** Null: the reading lacks a tag of `by`, or there are too many groups. */
  #groupOf(reading: Reading): [string, Group] | null {
    const found = groupKey(this.#config.by, reading);
    if (found === null) return null;
    const { key, device, tags } = found;
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.tags = tags;
      return [key, known];
    }
    if (this.#groups.size >= joinGroupsMax) {
      this.counts.beyond++;
      return null;
    }
    const group = { device, tags, left: new Side(), right: new Side() };
    this.#groups.set(key, group);
    return [key, group];
  }

  #decide(key: string, { device, tags, right }: Group, left: Sample, joined: DerivedReading[]): void {
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

/** As windows group: by `device` each device, else `site=plant1,line=2`, and `fleet` without any tag. */
function groupKey(
  by: readonly string[],
  { key, device, tags }: Reading,
): Pick<Reading, 'key' | 'device' | 'tags'> | null {
  if (by.includes('device')) return { key, device, tags };
  const own: Record<string, string> = {};
  for (const name of by) {
    const value = tags[name];
    if (value === undefined) return null;
    own[name] = value;
  }
  const parts = by.map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(own[name]!)}`);
  return { key: parts.length === 0 ? 'fleet' : parts.join(','), device: '', tags: own };
}

function numberOf(value: FieldValue | undefined): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'boolean' ? Number(value) : null;
}

function concerns({ where }: JoinConfig['left'], { device, tags }: Reading): boolean {
  for (const name in where) if ((name === 'device' ? device : tags[name]) !== where[name]) return false;
  return true;
}
