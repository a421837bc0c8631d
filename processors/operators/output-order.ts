import type { Transition } from '../../events/alert.ts';
import type { WindowResult } from '../../events/window.ts';

/** Outputs have one order, which no map's order and so no restart can change: first the earliest window's end. */
export function inWindowOrder(a: WindowResult, b: WindowResult): number {
  return (
    a.endUs - b.endUs ||
    compare(a.window, b.window) ||
    compare(a.key, b.key) ||
    compare(a.field, b.field) ||
    a.startUs - b.startUs ||
    a.revision - b.revision
  );
}

/** The transitions of one alert are equal here: a stable sort leaves them as they happened. */
export function inTransitionOrder(a: Transition, b: Transition): number {
  return compare(a.rule, b.rule) || compare(a.key, b.key) || compare(a.field, b.field);
}

/** By UTF-16 code units: a locale's order may differ from machine to machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
