import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { Deadlines } from '../clock/deadlines.ts';
import type { LogTime } from '../clock/log-time.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import { fieldPlan, type FieldPlan } from './aggregates/field-plan.ts';
import type { FieldState } from './aggregates/field-state.ts';
import type { Alignment } from './alignment.ts';
import { ClosedBefore } from './closed-before.ts';
import { Closing, type Fields, type Fold } from './closing.ts';
import { ClockTimes, IdleTimes, type ClosingTimes } from './closing-times.ts';
import type { FoldSource } from './fold-source.ts';
import { fillGroup, placeOf, WindowGroup, writeGroup } from './window-group.ts';
import type { WindowOperator, WindowPlace } from './window-operator.ts';
import { partialResults } from './partial-results.ts';
import { mergeFields, type WindowState } from './window-state.ts';

/** A group of long windows, beside the group of short ones that it is folded from. */
class FoldGroup extends WindowGroup {
  readonly source: WindowGroup;

  constructor(source: WindowGroup) {
    super(source);
    this.source = source;
  }

  override seenUs(): number {
    return this.source.seenUs();
  }
}

/**
 * Long windows folded from the results of shorter ones, never from readings. A long window holds the sum of its
 * settled short ones; those that late readings may still change are asked for when its result is made. It closes
 * when the short ones have closed up to its end, or by silence as they do; a revised short one revises it.
 */
export class FoldedWindows implements WindowOperator, FoldSource, Fold {
  readonly root: FoldSource;
  readonly idleUs: number;
  readonly retainUs: number;
  readonly latenessUs: number;
  readonly fleet: boolean;
  readonly #name: string;
  readonly #alignment: Alignment;
  readonly #source: FoldSource;
  readonly #plan: FieldPlan;
  readonly #closing: Closing;
  readonly #times: ClosingTimes<WindowGroup>;
  readonly #room = new ColumnRoom();
  readonly #groups = new Map<string, FoldGroup>();
  /** Groups of the fleet, by when the log's clock lets go of their last windows. */
  readonly #before = new ClosedBefore();
  #nowUs = 0;
  readonly #over = new Deadlines<FoldGroup>((group) => group.lastEndUs() + this.retainUs + this.latenessUs);

  /** @param source restored before */
  constructor(config: WindowConfig, alignment: Alignment, source: FoldSource, { elapsedUs, restored }: WindowPlace) {
    this.#name = config.name;
    this.#alignment = alignment;
    this.#source = source;
    this.root = source.root;
    this.#plan = fieldPlan(config);
    this.fleet = source.fleet;
    this.latenessUs = source.latenessUs;
    // A short window that is still open or may still be revised must find its long one so too.
    this.idleUs = Math.max(Math.round(config.idle * 1e3), source.idleUs);
    this.retainUs = Math.max(Math.round(config.retain * 1e3), source.retainUs);
    this.#times = this.fleet ? new ClockTimes(this.latenessUs) : new IdleTimes(this.idleUs, elapsedUs);
    this.#closing = new Closing({
      name: config.name,
      plan: this.#plan,
      retainUs: this.retainUs,
      contentOf: (group, window) => this.#contentOf(group as FoldGroup, window, false),
      watermarkUs: (group) => this.watermarkUs(group),
      closedUpToUs: (group) => this.closedUpToUs(group),
    });
    if (restored !== undefined) this.#restore(new ColumnReader(restored as Columns));
  }

  touch(
    source: WindowGroup,
    { startUs: partUs, incomplete }: WindowState,
    names: readonly string[],
    late: boolean,
  ): void {
    const group = this.#groupOf(source);
    for (const startUs of this.#startsOf(partUs)) {
      const endUs = this.#alignment.endOf(startUs);
      const { at, found } = placeOf(group.closed, startUs);
      let window = found ?? placeOf(group.open, startUs).found;
      // However far the watermark has got: of each short window that gives a result there is a long one, until it is let go.
      if (window === null && endUs > group.settledUpToUs) {
        // One that is over gives its result with the short one: when that closes, or at the end of the message.
        const isClosed = late && endUs <= this.closedUpToUs(group);
        window = isClosed
          ? { startUs, endUs, incomplete: false, fields: new Map() }
          : this.#open(group, startUs, endUs);
        if (isClosed) group.closed.splice(at, 0, window);
      }
      if (window === null) continue;
      if (group.closed.includes(window)) this.#closing.mark(group, window, names);
      // It may have begun after the gap that its part was open at.
      window.incomplete ||= incomplete;
    }
    if (!this.fleet) return;
    if (group.lastEndUs() > -Infinity) this.#over.watch(group);
    else this.release(group);
  }

  holds(source: WindowGroup): boolean {
    return this.#groups.has(source.key);
  }

  release(group: WindowGroup): void {
    if (group.lastEndUs() > -Infinity || this.#closing.folds.some((fold) => fold.holds(group))) return;
    this.#groups.delete(group.key);
    this.#source.release((group as FoldGroup).source);
  }

  settle(source: WindowGroup, { startUs: partUs }: WindowState, content: Fields): void {
    if (!this.holds(source)) return;
    const group = this.#groupOf(source);
    for (const startUs of this.#startsOf(partUs)) {
      const window = placeOf(group.open, startUs).found ?? placeOf(group.closed, startUs).found;
      if (window !== null) mergeFields(this.#plan, window.fields, content);
    }
  }

  /** Starts of the long windows that hold a short one; one, unless they hop. */
  *#startsOf(partUs: number): Iterable<number> {
    const { startOf, before, endOf } = this.#alignment;
    for (let startUs = startOf(partUs); endOf(startUs) > partUs; startUs = before(startUs)) yield startUs;
  }

  moved(source: WindowGroup, upToUs: number, origin: Origin, closed: WindowResult[]): void {
    if (!this.holds(source)) return;
    const group = this.#groupOf(source);
    this.#closing.closeUpTo(group, upToUs, origin, closed);
    if (group.open.length > 0) this.#source.awaitEnd(source, group.open[0]!.endUs);
    if (group.foldEndUs < Infinity) this.#source.awaitEnd(source, group.foldEndUs);
  }

  advance(at: LogTime, origin: Origin, closed: WindowResult[]): void {
    this.#nowUs = at.nowUs;
    this.#times.advance(at, (group, upToUs) => {
      const last = group.open.findLast(({ endUs }) => endUs <= upToUs)!;
      group.closedUpToUs = Math.max(group.closedUpToUs, last.endUs);
      this.#closing.closeUpTo(group, upToUs, origin, closed);
    });
    this.#over.advance(at.nowUs, (group) => {
      this.#closing.drop(group);
      this.release(group);
    });
  }

  /** Readings come through the short windows. */
  add(): boolean {
    return false;
  }

  revise(origin: Origin, closed: WindowResult[]): void {
    this.#closing.revise(origin, closed);
  }

  partials(key: string, origin: Origin, found: WindowResult[]): void {
    const group = this.#groups.get(key);
    const of = { window: this.#name, group, plan: this.#plan, origin };
    partialResults(of, (window) => this.#contentOf(group!, window, true), found);
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
    for (const group of this.groups()) writeGroup(columns, group);
    return columns.columns();
  }

  foldInto(folds: readonly Fold[]): void {
    this.#closing.folds = folds;
    // Those that were only kept for a window that is no longer folded from these.
    if (this.fleet) for (const group of this.groups()) this.release(group);
  }

  /** In the order of the short ones, which is that of the log: time alone may have begun these in any. */
  *groups(): Iterable<WindowGroup> {
    for (const { key } of this.root.groups()) {
      const group = this.#groups.get(key);
      if (group !== undefined) yield group;
    }
  }

  groupOf(key: string): WindowGroup | undefined {
    return this.#groups.get(key);
  }

  watermarkUs(group: WindowGroup): number {
    return this.#source.watermarkUs((group as FoldGroup).source);
  }

  closedUpToUs(group: WindowGroup): number {
    return Math.max(this.#source.closedUpToUs((group as FoldGroup).source), group.closedUpToUs);
  }

  awaitEnd(group: WindowGroup, endUs: number): void {
    group.foldEndUs = Math.min(group.foldEndUs, endUs);
    this.#source.awaitEnd((group as FoldGroup).source, endUs);
  }

  *contents(group: WindowGroup, startUs: number, endUs: number, open: boolean): Iterable<Fields> {
    for (const window of open ? [...group.closed, ...group.open] : group.closed) {
      if (window.startUs >= startUs && window.startUs < endUs) yield this.#contentOf(group as FoldGroup, window, open);
    }
  }

  #contentOf({ source }: FoldGroup, { startUs, endUs, fields }: WindowState, open: boolean): Fields {
    const content = new Map<string, FieldState>();
    mergeFields(this.#plan, content, fields);
    for (const part of this.#source.contents(source, startUs, endUs, open)) mergeFields(this.#plan, content, part);
    return content;
  }

  #groupOf(source: WindowGroup): FoldGroup {
    let group = this.#groups.get(source.key);
    if (group === undefined) {
      group = this.#before.begin(new FoldGroup(source));
      this.#groups.set(source.key, group);
    }
    group.device = source.device;
    group.tags = source.tags;
    return group;
  }

  #open(group: FoldGroup, startUs: number, endUs: number): WindowState {
    const { at, found } = placeOf(group.open, startUs);
    if (found !== null) return found;
    const window = { startUs, endUs, incomplete: false, fields: new Map() };
    group.open.splice(at, 0, window);
    this.#source.awaitEnd(group.source, endUs);
    if (at === 0) this.#times.watch(group);
    return window;
  }

  #restore(columns: ColumnReader): void {
    if (this.fleet) this.#before.read(columns);
    while (!columns.isAtEnd) {
      const { key, device, tags } = columns.source();
      const source = this.#source.groupOf(key);
      const group = new FoldGroup(source ?? new WindowGroup({ key, device, tags }));
      Object.assign(group, { device, tags });
      fillGroup(group, this.#plan, columns);
      if (source === undefined) continue;
      this.#groups.set(group.key, group);
      if (group.open.length > 0) this.#times.watch(group);
      if (this.fleet && group.lastEndUs() > -Infinity) this.#over.watch(group);
    }
  }
}
