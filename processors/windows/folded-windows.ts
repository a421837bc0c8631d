import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import type { LogTime } from '../clock/log-time.ts';
import { fieldPlan, type FieldPlan } from './aggregates/field-plan.ts';
import type { FieldState } from './aggregates/field-state.ts';
import type { Alignment } from './alignment.ts';
import { Closing, type Fields, type Fold } from './closing.ts';
import { ClockTimes, IdleTimes, type ClosingTimes } from './closing-times.ts';
import type { FoldSource } from './fold-source.ts';
import { fillGroup, groupRow, placeOf, WindowGroup, type GroupRow } from './window-group.ts';
import type { WindowOperator, WindowPlace } from './window-operator.ts';
import { windowResult } from './window-result.ts';
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
  readonly #groups = new Map<string, FoldGroup>();

  /** @param source restored before */
  constructor(config: WindowConfig, alignment: Alignment, source: FoldSource, { elapsedUs, restored }: WindowPlace) {
    this.#name = config.name;
    this.#alignment = alignment;
    this.#source = source;
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
    if (restored !== undefined) this.#restore(restored as readonly GroupRow[]);
  }

  touch(source: WindowGroup, { startUs: partUs }: WindowState, names: readonly string[]): void {
    const group = this.#groupOf(source);
    const startUs = this.#alignment.startOf(partUs);
    const endUs = this.#alignment.endOf(startUs);
    const { found } = placeOf(group.closed, startUs);
    if (found !== null) this.#closing.mark(group, found, names);
    // However far the watermark has got: of each short window that gives a result there is a long one, until it is let go.
    else if (endUs > group.settledUpToUs) this.#open(group, startUs, endUs);
  }

  settle(source: WindowGroup, { startUs: partUs }: WindowState, content: Fields): void {
    const group = this.#groupOf(source);
    const startUs = this.#alignment.startOf(partUs);
    const window = placeOf(group.open, startUs).found ?? placeOf(group.closed, startUs).found;
    if (window !== null) mergeFields(this.#plan, window.fields, content);
  }

  moved(source: WindowGroup, upToUs: number, origin: Origin, closed: WindowResult[]): void {
    const group = this.#groupOf(source);
    this.#closing.closeUpTo(group, upToUs, origin, closed);
    if (group.open.length > 0) this.#source.awaitEnd(source, group.open[0]!.endUs);
    if (group.foldEndUs < Infinity) this.#source.awaitEnd(source, group.foldEndUs);
  }

  advance(at: LogTime, origin: Origin, closed: WindowResult[]): void {
    this.#times.advance(at, (group, upToUs) => {
      const last = group.open.findLast(({ endUs }) => endUs <= upToUs)!;
      group.closedUpToUs = Math.max(group.closedUpToUs, last.endUs);
      this.#closing.closeUpTo(group, upToUs, origin, closed);
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
    for (const window of group?.open ?? []) {
      const { startUs, endUs, incomplete } = window;
      for (const [field, state] of this.#contentOf(group!, window, true)) {
        const of = { window: this.#name, group: group!, field, startUs, endUs, revision: 0, incomplete, origin };
        found.push({ ...windowResult(of, this.#plan, state), partial: true });
      }
    }
  }

  gap(): void {
    for (const { open } of this.#groups.values()) for (const window of open) window.incomplete = true;
  }

  forget(key: string): number {
    const group = this.#groups.get(key);
    if (group === undefined) return 0;
    this.#groups.delete(key);
    group.closed = [];
    return group.open.splice(0).length;
  }

  stayClosed(): void {
    for (const group of this.groups()) {
      group.closedUpToUs = this.closedUpToUs(group);
      group.settledUpToUs = Math.max(group.settledUpToUs, this.watermarkUs(group) - this.retainUs);
    }
  }

  snapshot(): GroupRow[] {
    return Array.from(this.groups(), groupRow);
  }

  foldInto(folds: readonly Fold[]): void {
    this.#closing.folds = folds;
  }

  /** In the order of the short ones, which is that of the log: time alone may have begun these in any. */
  *groups(): Iterable<WindowGroup> {
    for (const { key } of this.#source.groups()) {
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
      group = new FoldGroup(source);
      this.#groups.set(source.key, group);
    }
    group.device = source.device;
    group.tags = source.tags;
    return group;
  }

  #open(group: FoldGroup, startUs: number, endUs: number): void {
    const { at, found } = placeOf(group.open, startUs);
    if (found !== null) return;
    group.open.splice(at, 0, { startUs, endUs, incomplete: false, fields: new Map() });
    this.#source.awaitEnd(group.source, endUs);
    if (at === 0) this.#times.watch(group);
  }

  #restore(rows: readonly GroupRow[]): void {
    for (const row of rows) {
      const source = this.#source.groupOf(row[0]);
      if (source === undefined) continue;
      const group = new FoldGroup(source);
      [, group.device, group.tags] = row;
      fillGroup(group, this.#plan, row);
      this.#groups.set(group.key, group);
      if (group.open.length > 0) this.#times.watch(group);
    }
  }
}
