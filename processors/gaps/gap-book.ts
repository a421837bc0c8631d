import type { LogGap } from '../../events/ledger.ts';
import type { WindowResult } from '../../events/window.ts';

/** Gaps remembered; of more the oldest are forgotten. Their number and messages are in the totals. */
export const gapsMax = 50;

/** A gap as it is found: before the message that comes after it. */
export type FoundGap = Omit<LogGap, 'partition' | 'untilUs'>;

/**
 * The gaps in a partition's log: messages that were removed before they were read, or never arrived. A window that is
 * open when one is found is marked by its operator. Here are those that a gap hides altogether: whose time lies in it.
 */
export class GapBook {
  readonly #partition: number;
  #gaps: LogGap[];
  #found: FoundGap[] = [];

  constructor(partition: number, saved: readonly LogGap[] = []) {
    this.#partition = partition;
    this.#gaps = [...saved];
  }

  /** Takes a gap; the next message, of the log's clock `nowUs`, ends it. */
  add(gap: FoundGap): void {
    this.#found.push(gap);
  }

  /** @returns the gaps that end with this message. */
  end(nowUs: number): readonly LogGap[] {
    if (this.#found.length === 0) return [];
    const ended = this.#found.map((gap) => ({
      partition: this.#partition,
      ...gap,
      untilUs: Math.max(nowUs, gap.sinceUs),
    }));
    this.#found = [];
    this.#gaps = [...this.#gaps, ...ended].slice(-gapsMax);
    return ended;
  }

  get any(): boolean {
    return this.#gaps.length > 0;
  }

  /** The result, marked if its time touches that of a gap. */
  mark(window: WindowResult): WindowResult {
    const touched = this.#gaps.some(({ sinceUs, untilUs }) => window.startUs <= untilUs && window.endUs > sinceUs);
    return touched ? { ...window, incomplete: true } : window;
  }

  /** The latest, oldest first; a copy. */
  list(): LogGap[] {
    return [...this.#gaps];
  }
}
