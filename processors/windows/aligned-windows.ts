import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import { isFleetWindow } from '../../infra/config/fleet-scope.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { Deadlines } from '../clock/deadlines.ts';
import type { LogTime } from '../clock/log-time.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import { fieldPlan, type FieldPlan } from './aggregates/field-plan.ts';
import { addNumber } from './aggregates/number-summary.ts';
import type { Alignment } from './alignment.ts';
import { ClosedBefore } from './closed-before.ts';
import { Closing, type Fields, type Fold } from './closing.ts';
import { ClockTimes, IdleTimes, type ClosingTimes } from './closing-times.ts';
import type { FoldSource } from './fold-source.ts';
import { cellsEach, dueAt, endAt, greatestAt, rowAt, seenAt, startAt, type DeviceSlots } from './device-slots.ts';
import { groupFinder, type GroupKey } from './group-key.ts';
import { groupsMax } from './groups-max.ts';
import { fillGroup, placeOf, WindowGroup, writeGroup } from './window-group.ts';
import { settleCells } from './hot-cells.ts';
import type { WindowOperator, WindowPlace } from './window-operator.ts';
import { partialResults } from './partial-results.ts';
import { hasValue, takenNames, takeReading, takeValue, type WindowState } from './window-state.ts';

/**
 * Windows whose places in time are given: tumbling, hopping and calendar windows. Each device has its own watermark,
 * its greatest event time less the lateness; for groups of devices it is the log's clock less the lateness.
 *
 *     a window closes    when the watermark reaches its end; a device's also when it is silent (`IdleTimes`)
 *     a reading is late  when a window it belongs to has closed; a device two minutes behind is only behind
 */
export class AlignedWindows implements WindowOperator, FoldSource {
  readonly root = this;
  readonly idleUs: number;
  readonly retainUs: number;
  readonly latenessUs: number;
  readonly fleet: boolean;
  /** Where its groups are among the `DeviceSlots`. Other slots have taken their place when it is set. */
  slot: number;
  readonly #name: string;
  readonly #alignment: Alignment;
  readonly #disjoint: boolean;
  /** Numbers of one window at a time: what `#addHot` can do. */
  readonly #simple: boolean;
  readonly #plan: FieldPlan;
  readonly #closing: Closing;
  readonly #times: ClosingTimes<WindowGroup>;
  readonly #groupKey: (reading: Reading) => GroupKey | null;
  readonly #room = new ColumnRoom();
  readonly #groups = new Map<string, WindowGroup>();
  /** Groups of the fleet, by when the log's clock lets go of their last windows. A device's are forgotten with it. */
  readonly #over = new Deadlines<WindowGroup>((group) => group.lastEndUs() + this.retainUs + this.latenessUs);
  leftOut = 0;
  readonly #before = new ClosedBefore();
  #nowUs = 0;

  constructor(config: WindowConfig, alignment: Alignment, { elapsedUs, slot, restored }: WindowPlace) {
    this.slot = slot;
    this.#name = config.name;
    this.#alignment = alignment;
    this.#disjoint = alignment.disjoint;
    this.#plan = fieldPlan(config);
    this.fleet = isFleetWindow(config);
    this.#simple = alignment.disjoint && !this.#plan.more && !this.fleet;
    this.idleUs = Math.round(config.idle * 1e3);
    this.retainUs = Math.round(config.retain * 1e3);
    this.latenessUs = Math.round(config.lateness * 1e3);
    this.#groupKey = groupFinder(config.by);
    this.#times = this.fleet ? new ClockTimes(this.latenessUs) : new IdleTimes(this.idleUs, elapsedUs);
    this.#closing = new Closing({
      name: config.name,
      plan: this.#plan,
      retainUs: this.retainUs,
      contentOf: (_group, { fields }) => fields,
      watermarkUs: (group) => this.watermarkUs(group),
      closedUpToUs: (group) => this.closedUpToUs(group),
    });
    if (restored !== undefined) this.#restore(new ColumnReader(restored as Columns));
  }

  advance(at: LogTime, origin: Origin, closed: WindowResult[]): void {
    this.#nowUs = at.nowUs;
    this.#times.advance(at, (group, upToUs) => {
      const last = group.open.findLast(({ endUs }) => endUs <= upToUs)!;
      group.closedUpToUs = Math.max(group.closedUpToUs, last.endUs);
      this.#closing.closeUpTo(group, upToUs, origin, closed);
      group.cool();
    });
    this.#over.advance(at.nowUs, (group) => {
      this.#closing.drop(group);
      this.release(group);
    });
  }

  add(reading: Reading, at: LogTime, closed: WindowResult[], slots: DeviceSlots | null): boolean {
    if (slots !== null && this.#simple && this.#addHot(reading, at, slots)) return false;
    const group = this.#groupOf(reading);
    if (group === null) return false;
    const late = this.#addTo(group, reading, at, closed);
    if (this.fleet) this.#settle(group);
    if (slots !== null && !this.fleet) {
      slots.groups[this.slot] = group;
      settleCells(slots, this.slot, group, { simple: this.#simple, plan: this.#plan });
    }
    return late;
  }

  /** The way of most readings: into the newest window, and nothing closes. False: this is not it, nothing was done. */
  #addHot({ fields, timeUs }: Reading, { elapsedUs }: LogTime, slots: DeviceSlots): boolean {
    const { cells } = slots;
    const at = this.slot * cellsEach;
    const group = slots.groups[this.slot];
    if (group === undefined || timeUs < cells[at + startAt]! || timeUs >= cells[at + endAt]!) return false;
    if (timeUs - this.latenessUs >= cells[at + dueAt]!) return false;
    const hot = slots.fields[this.slot];
    for (const name in fields) {
      const value = fields[name]!;
      if (name === hot && typeof value === 'number') addNumber(cells, at + rowAt, value + 0, timeUs);
      else takeValue(this.#plan, group.open[group.open.length - 1]!.fields, name, value, timeUs);
    }
    cells[at + seenAt] = elapsedUs;
    if (timeUs > cells[at + greatestAt]!) cells[at + greatestAt] = timeUs;
    return true;
  }

  #addTo(group: WindowGroup, reading: Reading, at: LogTime, closed: WindowResult[]): boolean {
    const { timeUs } = reading;
    // A window that was kept under less lateness may be over already.
    const beforeUs = this.watermarkUs(group);
    if (group.open.length > 0 && group.open[0]!.endUs <= beforeUs)
      this.#closing.closeUpTo(group, beforeUs, reading.origin, closed);
    group.seenElapsedUs = at.elapsedUs;
    const newest = group.open[group.open.length - 1];
    let late = false;
    if (newest !== undefined && this.#disjoint && timeUs >= newest.startUs && timeUs < newest.endUs)
      takeReading(this.#plan, newest.fields, reading);
    else if (hasValue(this.#plan, reading)) late = this.#place(group, reading);
    if (timeUs > group.greatestUs) group.greatestUs = timeUs;
    const watermarkUs = this.watermarkUs(group);
    if ((group.open.length > 0 && group.open[0]!.endUs <= watermarkUs) || group.foldEndUs <= watermarkUs)
      this.#closing.closeUpTo(group, watermarkUs, reading.origin, closed);
    return late;
  }

  revise(origin: Origin, closed: WindowResult[]): void {
    this.#closing.revise(origin, closed);
  }

  partials(key: string, origin: Origin, found: WindowResult[]): void {
    const of = { window: this.#name, group: this.#groups.get(key), plan: this.#plan, origin };
    partialResults(of, ({ fields }) => fields, found);
  }

  gap(): void {
    for (const { open } of this.#groups.values()) for (const window of open) window.incomplete = true;
  }

  closeAll(key: string, origin: Origin, closed: WindowResult[]): void {
    const group = this.#groups.get(key);
    if (group !== undefined) this.#closing.closeAll(group, origin, closed);
  }

  forget(key: string): number {
    const group = this.#groups.get(key);
    if (group === undefined) return 0;
    this.#groups.delete(key);
    return group.letGo();
  }

  stayClosed(nowUs: number): void {
    this.#nowUs = nowUs;
    if (this.fleet) this.#before.raise(this.#nowUs - this.latenessUs, this.retainUs);
    for (const group of this.groups()) {
      group.closedUpToUs = this.closedUpToUs(group);
      group.settledUpToUs = Math.max(group.settledUpToUs, this.watermarkUs(group) - this.retainUs);
    }
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    if (this.fleet) this.#before.write(columns);
    for (const group of this.#groups.values()) writeGroup(columns, group);
    return columns.columns();
  }

  foldInto(folds: readonly Fold[]): void {
    this.#closing.folds = folds;
    // Those that were only kept for a window that is no longer folded from these.
    if (this.fleet) for (const group of this.groups()) this.release(group);
  }

  release(group: WindowGroup): void {
    if (group.lastEndUs() > -Infinity || this.#closing.folds.some((fold) => fold.holds(group))) return;
    this.#groups.delete(group.key);
  }

  /** A group of the fleet is watched while it holds windows. */
  #settle(group: WindowGroup): void {
    if (group.lastEndUs() > -Infinity) this.#over.watch(group);
    else this.release(group);
  }

  groups(): Iterable<WindowGroup> {
    return this.#groups.values();
  }

  groupOf(key: string): WindowGroup | undefined {
    return this.#groups.get(key);
  }

  watermarkUs(group: WindowGroup): number {
    return (this.fleet ? this.#nowUs : group.greatestUs) - this.latenessUs;
  }

  closedUpToUs(group: WindowGroup): number {
    return Math.max(this.watermarkUs(group), group.closedUpToUs);
  }

  awaitEnd(group: WindowGroup, endUs: number): void {
    group.foldEndUs = Math.min(group.foldEndUs, endUs);
    group.cool();
  }

  *contents(group: WindowGroup, startUs: number, endUs: number, open: boolean): Iterable<Fields> {
    for (const window of open ? [...group.closed, ...group.open] : group.closed) {
      if (window.startUs >= startUs && window.startUs < endUs) yield window.fields;
    }
  }

  #restore(columns: ColumnReader): void {
    if (this.fleet) this.#before.read(columns);
    while (!columns.isAtEnd) {
      const group = new WindowGroup(columns.source());
      fillGroup(group, this.#plan, columns);
      this.#groups.set(group.key, group);
      if (group.open.length > 0) this.#times.watch(group);
      if (this.fleet && group.lastEndUs() > -Infinity) this.#over.watch(group);
    }
  }

  #groupOf(reading: Reading): WindowGroup | null {
    const key = this.#groupKey(reading);
    return key === null ? null : this.#groupOfKey(key);
  }

  /** Null: it would be one too many. */
  #groupOfKey(key: GroupKey): WindowGroup | null {
    let group = this.#groups.get(key.key);
    if (group === undefined) {
      if (this.fleet && this.#groups.size >= groupsMax) {
        this.leftOut++;
        return null;
      }
      group = this.#before.begin(new WindowGroup(key));
      this.#groups.set(key.key, group);
    }
    group.device = key.device;
    group.tags = key.tags;
    return group;
  }

  /** Puts a reading into each of its windows. True: one of them has closed. */
  #place(group: WindowGroup, reading: Reading): boolean {
    const { startOf, before, endOf } = this.#alignment;
    const closedUpToUs = this.closedUpToUs(group);
    let late = false;
    let startUs = startOf(reading.timeUs);
    for (let endUs = endOf(startUs); endUs > reading.timeUs; endUs = endOf(startUs)) {
      if (endUs > closedUpToUs) takeReading(this.#plan, this.#open(group, startUs, endUs).fields, reading);
      else {
        late = true;
        if (this.#closing.isHeld(group, endUs)) this.#takeLate(group, startUs, endUs, reading);
      }
      startUs = before(startUs);
    }
    return late;
  }

  #open(group: WindowGroup, startUs: number, endUs: number): WindowState {
    const { at, found } = placeOf(group.open, startUs);
    if (found !== null) return found;
    const window = { startUs, endUs, incomplete: false, fields: new Map() };
    group.open.splice(at, 0, window);
    if (at === 0) this.#times.watch(group);
    return window;
  }

  #takeLate(group: WindowGroup, startUs: number, endUs: number, reading: Reading): void {
    const { at, found } = placeOf(group.closed, startUs);
    const window = found ?? { startUs, endUs, incomplete: false, fields: new Map() };
    if (found === null) group.closed.splice(at, 0, window);
    takeReading(this.#plan, window.fields, reading);
    this.#closing.mark(group, window, takenNames(this.#plan, reading));
  }
}
