import type { FieldPlan } from './aggregates/field-plan.ts';
import { cellsEach, dueAt, endAt, rowAt, startAt, type DeviceSlots } from './device-slots.ts';
import type { FieldState } from './aggregates/field-state.ts';
import type { WindowGroup } from './window-group.ts';

/**
 * Brings a group's cells in line with its windows, after anything but a reading for the hot window: the newest open
 * window's first field lies in the cells, and `due` is when something closes next.
 */
export function settleCells(
  slots: DeviceSlots,
  slot: number,
  group: WindowGroup,
  { simple, plan }: { readonly simple: boolean; readonly plan: FieldPlan },
): void {
  const at = slot * cellsEach;
  if (group.cells !== slots.cells) {
    const { greatestUs, seenElapsedUs } = group;
    group.hot?.moveOut();
    group.hot = null;
    group.cells = slots.cells;
    group.at = at;
    group.greatestUs = greatestUs;
    group.seenElapsedUs = seenElapsedUs;
  }
  slots.cells[at + dueAt] = Math.min(group.open[0]?.endUs ?? Infinity, group.foldEndUs);
  if (!simple) return;
  const newest = group.open.at(-1);
  const first = newest === undefined ? undefined : firstTaken(newest.fields, plan);
  slots.cells[at + startAt] = newest?.startUs ?? Infinity;
  slots.cells[at + endAt] = newest?.endUs ?? -Infinity;
  slots.fields[slot] = first?.[0] ?? null;
  const hot = first?.[1].numbers ?? null;
  if (group.hot === hot) return;
  group.hot?.moveOut();
  hot?.moveTo(slots.cells, at + rowAt);
  group.hot = hot;
}

/** A window that was kept may hold fields that are no longer taken. */
function firstTaken(
  fields: ReadonlyMap<string, FieldState>,
  plan: FieldPlan,
): readonly [string, FieldState] | undefined {
  for (const field of fields) if (plan.fields === null || plan.fields.has(field[0])) return field;
  return undefined;
}
