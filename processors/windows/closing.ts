import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { FieldPlan } from './aggregates/field-plan.ts';
import { FieldState } from './aggregates/field-state.ts';
import { placeOf, type WindowGroup } from './window-group.ts';
import { windowResult } from './window-result.ts';
import type { WindowState } from './window-state.ts';

/** Closed windows of a group that are held for late readings, whatever `retain` says. */
const heldMax = 64;

export type Fields = ReadonlyMap<string, FieldState>;

/** A longer window that is folded from these. */
export interface Fold {
  /** A window closed, or (`late`) one that had closed changed, in these fields. */
  touch(source: WindowGroup, window: WindowState, names: readonly string[], late: boolean): void;
  /** Whether it holds windows of these. */
  holds(source: WindowGroup): boolean;
  /** A window is no longer held: nothing changes it any more. */
  settle(source: WindowGroup, window: WindowState, content: Fields): void;
  /** All windows that end at or before `upToUs` have closed. */
  moved(source: WindowGroup, upToUs: number, origin: Origin, closed: WindowResult[]): void;
}

export interface ClosingOptions {
  readonly name: string;
  readonly plan: FieldPlan;
  readonly retainUs: number;
  /** What a window holds. */
  readonly contentOf: (group: WindowGroup, window: WindowState) => Fields;
  /** The group's watermark, us. */
  readonly watermarkUs: (group: WindowGroup) => number;
  /** Windows that end at or before it have closed. */
  readonly closedUpToUs: (group: WindowGroup) => number;
}

/**
 * What becomes of windows once they close:
 *
 *     open ──► closed, result 0 ──late reading──► result 1, 2, ... ──watermark past end + retain──► settled
 *
 * Once a message for each window that it changed, at its end.
 */
export class Closing {
  readonly #options: ClosingOptions;
  readonly #changed = new Map<WindowState, { readonly group: WindowGroup; readonly names: Set<string> }>();
  folds: readonly Fold[] = [];

  constructor(options: ClosingOptions) {
    this.#options = options;
  }

  /** Closes the open windows that end at or before `upToUs`. */
  closeUpTo(group: WindowGroup, upToUs: number, origin: Origin, closed: WindowResult[]): void {
    while (group.open.length > 0 && group.open[0]!.endUs <= upToUs) {
      const window = group.open.shift()!;
      const content = this.#options.contentOf(group, window);
      this.#emit(group, window, content, content.keys(), origin, closed);
      // A long window may open late, for a short one that came late: others of later times have closed then.
      group.closed.splice(placeOf(group.closed, window.startUs).at, 0, window);
      for (const fold of this.folds) fold.touch(group, window, [...content.keys()], false);
    }
    this.drop(group);
    this.#tellFolds(group, origin, closed);
  }

  /** The long windows that are over close. */
  #tellFolds(group: WindowGroup, origin: Origin, closed: WindowResult[]): void {
    const upToUs = this.#options.closedUpToUs(group);
    if (upToUs < group.foldEndUs) return;
    group.foldEndUs = Infinity;
    for (const fold of this.folds) fold.moved(group, upToUs, origin, closed);
  }

  /** Closes all open windows of a group that is forgotten, and gives what is to be said of its closed ones. */
  closeAll(group: WindowGroup, origin: Origin, closed: WindowResult[]): void {
    group.closedUpToUs = Infinity;
    this.closeUpTo(group, Infinity, origin, closed);
    for (const [window, change] of this.#changed) {
      if (change.group !== group) continue;
      this.#changed.delete(window);
      this.#emit(group, window, this.#options.contentOf(group, window), change.names, origin, closed);
    }
  }

  /** Whether a closed window that ends then still takes late readings. */
  isHeld(group: WindowGroup, endUs: number): boolean {
    const { retainUs, watermarkUs } = this.#options;
    return endUs > group.settledUpToUs && endUs + retainUs > watermarkUs(group);
  }

  /** A closed window changed in these fields. The long one it is part of is told now: it may be let go before the end. */
  mark(group: WindowGroup, window: WindowState, names: readonly string[]): void {
    const known = this.#changed.get(window);
    if (known === undefined) this.#changed.set(window, { group, names: new Set(names) });
    else for (const name of names) known.names.add(name);
    for (const fold of this.folds) fold.touch(group, window, names, true);
  }

  /** Ends a message: the next results of the closed windows that it changed. */
  revise(origin: Origin, closed: WindowResult[]): void {
    if (this.#changed.size === 0) return;
    const groups = new Set<WindowGroup>();
    for (const [window, { group, names }] of this.#changed) {
      this.#emit(group, window, this.#options.contentOf(group, window), names, origin, closed);
      groups.add(group);
    }
    this.#changed.clear();
    for (const group of groups) {
      this.drop(group);
      this.#tellFolds(group, origin, closed);
    }
  }

  /** Lets go of the windows that nothing changes any more. */
  drop(group: WindowGroup): void {
    const { closed } = group;
    while (closed.length > 0 && (closed.length > heldMax || !this.isHeld(group, closed[0]!.endUs))) {
      const window = closed.shift()!;
      // It may have changed in this very message: then its content is settled with the change, its result is to come.
      const content = this.folds.length === 0 ? null : this.#options.contentOf(group, window);
      group.settledUpToUs = Math.max(group.settledUpToUs, window.endUs);
      for (const fold of this.folds) fold.settle(group, window, content!);
    }
  }

  #emit(
    group: WindowGroup,
    { startUs, endUs, incomplete, fields }: WindowState,
    content: Fields,
    names: Iterable<string>,
    origin: Origin,
    closed: WindowResult[],
  ): void {
    const { name, plan } = this.#options;
    for (const field of names) {
      const state = content.get(field);
      if (state === undefined) continue;
      let counter = fields.get(field);
      if (counter === undefined) {
        counter = new FieldState(plan);
        fields.set(field, counter);
      }
      const revision = counter.results++;
      closed.push(
        windowResult({ window: name, group, field, startUs, endUs, revision, incomplete, origin }, plan, state),
      );
    }
  }
}
