import type { Fields, Fold } from './closing.ts';
import type { WindowGroup } from './window-group.ts';

/** Windows that longer ones can be folded from. */
export interface FoldSource {
  /** The windows of readings that all is folded from in the end. */
  readonly root: FoldSource;
  readonly idleUs: number;
  readonly retainUs: number;
  readonly latenessUs: number;
  /** Spans devices: time is the log's clock. */
  readonly fleet: boolean;
  foldInto(folds: readonly Fold[]): void;
  /** All groups, in an order that a restart does not change. */
  groups(): Iterable<WindowGroup>;
  groupOf(key: string): WindowGroup | undefined;
  watermarkUs(group: WindowGroup): number;
  /** Windows that end at or before it have closed. */
  closedUpToUs(group: WindowGroup): number;
  /** A long window of the group is open that ends then. */
  awaitEnd(group: WindowGroup, endUs: number): void;
  /** A long window's group of a group of the fleet is gone: this one may go, too. */
  release(group: WindowGroup): void;
  /** What the held windows between two times hold, the oldest first. @param open those that are open too */
  contents(group: WindowGroup, startUs: number, endUs: number, open: boolean): Iterable<Fields>;
}
