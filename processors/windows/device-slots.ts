import type { Reading } from '../../events/reading.ts';
import { summaryCells } from './aggregates/number-summary.ts';
import type { WindowGroup } from './window-group.ts';

/** Places among the cells of a window. Times in us. */
export const greatestAt = 0;
export const seenAt = 1;
/** When something of it closes next, in event time. */
export const dueAt = 2;
/** The window that most readings come to, and its field that comes first: its numbers begin at `rowAt`. */
export const startAt = 3;
export const endAt = 4;
export const rowAt = 5;
/** Cells of each window: two cache lines. */
export const cellsEach = rowAt + summaryCells;

/**
 * What a reading needs of its device, for all windows side by side: a device is looked up once, and memory is read in
 * its order, which costs a fraction of following ten windows' objects through it. It holds no state of its own: groups
 * and summaries have their numbers here, wherever they are, and take them along.
 */
export class DeviceSlots {
  /** Whose they are: after a change of the configuration others take their place. */
  readonly owner: object;
  readonly cells: Float64Array;
  device: Reading['device'] | null = null;
  tags: Reading['tags'] | null = null;
  readonly groups: (WindowGroup | undefined)[];
  /** The field whose numbers lie in the window's cells. */
  readonly fields: (string | null)[];

  /** @param windows places there are */
  constructor(owner: object, windows: number) {
    this.owner = owner;
    this.cells = new Float64Array(windows * cellsEach);
    this.groups = Array.from({ length: windows }, () => undefined);
    this.fields = Array.from({ length: windows }, () => null);
  }

  /** Takes over what a reading says of its device. */
  know({ device, tags }: Reading): void {
    if (this.tags === tags && this.device === device) return;
    this.tags = tags;
    this.device = device;
    for (const group of this.groups) if (group !== undefined) Object.assign(group, { device, tags });
  }
}
