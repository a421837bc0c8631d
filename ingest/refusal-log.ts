import type { RefusalReason } from './refusals.ts';

/** One line a client and reason in so long, ms. */
const everyMs = 60_000;
/** Clients and reasons remembered; those that come when it is full share a line a reason. */
const rememberedMax = 2_000;

/** A line of the log: how often `who` was refused for the reason since the last such line. */
export interface RefusalLine {
  readonly reason: RefusalReason;
  readonly who: string;
  readonly times: number;
}

interface Remembered extends RefusalLine {
  readonly sinceMs: number;
  times: number;
}

/** Keeps refusals from filling the log: the first is told at once, what follows within a minute as one number. Pure. */
export class RefusalLog {
  readonly #remembered = new Map<string, Remembered>();

  /** One refusal. @returns the line to write now, null when it is told later. */
  note(reason: RefusalReason, who: string, nowMs: number): RefusalLine | null {
    const key = `${reason} ${who}`;
    const known = this.#remembered.get(key);
    if (known !== undefined) {
      known.times++;
      return null;
    }
    if (this.#remembered.size >= rememberedMax && who !== othersText) return this.note(reason, othersText, nowMs);
    this.#remembered.set(key, { reason, who, times: 0, sinceMs: nowMs });
    return { reason, who, times: 1 };
  }

  /** To be called every few seconds. @returns the lines of those whose minute is over and that came again in it. */
  due(nowMs: number): RefusalLine[] {
    const lines: RefusalLine[] = [];
    for (const [key, { sinceMs, reason, who, times }] of this.#remembered) {
      if (nowMs - sinceMs < everyMs) break; // In the order of their beginning.
      this.#remembered.delete(key);
      if (times === 0) continue;
      lines.push({ reason, who, times });
      this.#remembered.set(key, { reason, who, times: 0, sinceMs: nowMs });
    }
    return lines;
  }
}

const othersText = '(others)';
