import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';
import type { FieldPlan } from './aggregates/field-plan.ts';
import type { NumberSummary } from './aggregates/number-summary.ts';
import type { Closable, ClockWait } from './closing-times.ts';
import { dueAt, greatestAt, rowAt, seenAt } from './device-slots.ts';
import type { GroupKey } from './group-key.ts';
import { readWindow, writeWindow, type WindowState } from './window-state.ts';

/** The windows of one device, or of one group of devices. */
export class WindowGroup implements Closable {
  readonly key: string;
  device: string;
  tags: GroupKey['tags'];
  /** Its own numbers, and those of its hot field, at `at`: among its device's (`DeviceSlots`), or by themselves. */
  cells: Float64Array = new Float64Array(rowAt);
  at = 0;
  /** The summary whose numbers lie in the cells: of the newest open window`s first field. */
  hot: NumberSummary | null = null;
  /** Windows that end at or before this were closed by time alone. */
  closedUpToUs = 0;
  /** Windows that end at or before this are no longer held: nothing changes them. */
  settledUpToUs = 0;
  /** At most lateness / size + 2 of them (of hopping windows that many times size / every), the oldest first. */
  open: WindowState[] = [];
  /** Those that late readings may still change, the oldest first. */
  closed: WindowState[] = [];
  waiting: ClockWait | null = null;
  /** The earliest end of an open long window that is folded from these. */
  foldEndUs = Infinity;

  constructor({ key, device, tags }: GroupKey) {
    this.key = key;
    this.device = device;
    this.tags = tags;
  }

  /** Greatest event time, us; less the lateness it is a device's watermark. */
  get greatestUs(): number {
    return this.cells[this.at + greatestAt]!;
  }

  set greatestUs(timeUs: number) {
    this.cells[this.at + greatestAt] = timeUs;
  }

  /** `elapsed` at its last reading. */
  get seenElapsedUs(): number {
    return this.cells[this.at + seenAt]!;
  }

  set seenElapsedUs(elapsedUs: number) {
    this.cells[this.at + seenAt] = elapsedUs;
  }

  seenUs(): number {
    return this.seenElapsedUs;
  }

  /** Something of it changed that was not a reading: the next one looks at all of it. */
  cool(): void {
    this.cells[this.at + dueAt] = -Infinity;
  }

  /** It is forgotten. Returns how many open windows went with it. */
  letGo(): number {
    this.closed = [];
    return this.open.splice(0).length;
  }

  firstEndUs(): number | null {
    return this.open.length === 0 ? null : this.open[0]!.endUs;
  }

  /** End of the last window that is held; -infinity without one. */
  lastEndUs(): number {
    return Math.max(this.open.at(-1)?.endUs ?? -Infinity, this.closed.at(-1)?.endUs ?? -Infinity);
  }
}

export function writeGroup(columns: ColumnWriter, group: WindowGroup): void {
  columns.source(group);
  columns.real(group.greatestUs);
  columns.number(group.closedUpToUs);
  columns.number(group.settledUpToUs);
  columns.number(group.seenElapsedUs);
  columns.real(group.foldEndUs);
  columns.list(group.open, (window) => writeWindow(columns, window));
  columns.list(group.closed, (window) => writeWindow(columns, window));
}

/** Reads what follows the group's key. */
export function fillGroup(group: WindowGroup, plan: FieldPlan, columns: ColumnReader): void {
  group.greatestUs = columns.real();
  group.closedUpToUs = columns.number();
  group.settledUpToUs = columns.number();
  group.seenElapsedUs = columns.number();
  group.foldEndUs = columns.real();
  group.open = columns.list(() => readWindow(plan, columns));
  group.closed = columns.list(() => readWindow(plan, columns));
}

/** Finds the window of a start in a list ordered by start, or the place where it belongs. Looks from the end. */
export function placeOf(windows: readonly WindowState[], startUs: number): { at: number; found: WindowState | null } {
  let at = windows.length;
  while (at > 0 && windows[at - 1]!.startUs > startUs) at--;
  const before = windows[at - 1];
  return before?.startUs === startUs ? { at: at - 1, found: before } : { at, found: null };
}
