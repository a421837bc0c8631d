import { Deadlines } from '../clock/deadlines.ts';
import type { LogTime } from '../clock/log-time.ts';

/** What a group needs so that the passing of time can close its windows. */
export interface Closable {
  /** `elapsed` at its last reading. */
  seenUs(): number;
  /** End of the open window that ends first; null without one. */
  firstEndUs(): number | null;
  /** Waits in the queue for the log's clock. */
  waiting: ClockWait | null;
}

export interface ClockWait {
  readonly group: Closable;
  readonly dueUs: number;
}

/** Says when time alone closes windows, without looking at all groups. */
export interface ClosingTimes<G extends Closable> {
  /** The group has another open window that ends first. */
  watch(group: G): void;
  /** Calls `close` for each group with a window that is due; it closes all that end at or before `upToUs`. */
  advance(at: LogTime, close: (group: G, upToUs: number) => void): void;
}

/**
 * Silence closes a window: nothing for `idleUs` of elapsed, and the log's clock at or past the window's end. A group
 * waits for the one after the other, so that each is looked at only when something may be due:
 *
 *     open ──idle──► window over? ──yes──► closed
 *       ▲                │ no: waits for the clock to reach its end
 *       └──heard again───┴──► still silent ──► closed
 */
export class IdleTimes<G extends Closable> implements ClosingTimes<G> {
  readonly #idleUs: number;
  readonly #idle: Deadlines<G>;
  readonly #clock = new Deadlines<ClockWait>(({ dueUs }) => dueUs);

  constructor(idleUs: number, elapsedUs: number) {
    this.#idleUs = idleUs;
    this.#idle = new Deadlines(
      (group) => (group.firstEndUs() === null ? null : group.seenUs() + this.#idleUs),
      elapsedUs,
    );
  }

  watch(group: G): void {
    if (group.waiting === null) this.#idle.watch(group);
    else if (group.firstEndUs()! < group.waiting.dueUs) this.#waitForClock(group);
  }

  advance(at: LogTime, close: (group: G, upToUs: number) => void): void {
    this.#idle.advance(at.elapsedUs, (group) => this.#whenIdle(group, at, close));
    this.#clock.advance(at.nowUs, (wait) => {
      const group = wait.group as G;
      if (group.waiting !== wait) return;
      group.waiting = null;
      if (group.firstEndUs() === null) return;
      if (at.elapsedUs - group.seenUs() < this.#idleUs) this.#idle.watch(group);
      else this.#whenIdle(group, at, close);
    });
  }

  #whenIdle(group: G, { nowUs }: LogTime, close: (group: G, upToUs: number) => void): void {
    if (group.firstEndUs()! <= nowUs) close(group, nowUs);
    if (group.firstEndUs() !== null) this.#waitForClock(group);
  }

  #waitForClock(group: G): void {
    const wait = { group, dueUs: group.firstEndUs()! };
    group.waiting = wait;
    this.#clock.watch(wait);
  }
}

/** The log's clock less the lateness closes a window: for groups of devices, none of whose clocks is everybody's. */
export class ClockTimes<G extends Closable> implements ClosingTimes<G> {
  readonly #latenessUs: number;
  readonly #clock = new Deadlines<ClockWait>(({ dueUs }) => dueUs);

  constructor(latenessUs: number) {
    this.#latenessUs = latenessUs;
  }

  watch(group: G): void {
    const dueUs = group.firstEndUs()! + this.#latenessUs;
    if (group.waiting !== null && group.waiting.dueUs <= dueUs) return;
    const wait = { group, dueUs };
    group.waiting = wait;
    this.#clock.watch(wait);
  }

  advance(at: LogTime, close: (group: G, upToUs: number) => void): void {
    this.#clock.advance(at.nowUs, (wait) => {
      const group = wait.group as G;
      if (group.waiting !== wait) return;
      group.waiting = null;
      const upToUs = at.nowUs - this.#latenessUs;
      const endUs = group.firstEndUs();
      if (endUs !== null && endUs <= upToUs) close(group, upToUs);
      if (group.firstEndUs() !== null) this.watch(group);
    });
  }
}
