import { checkpointIsDue } from './checkpoint-due.ts';

/** Says when a run's next checkpoint is due, by how long taking the last one held it up and what it read since. */
export class CheckpointTiming {
  readonly #nowMs: () => number;
  readonly #everyMs: number | undefined;
  #takenAtMs: number;
  #tookMs = 0;
  #readings = 0;

  /** @param nowMs a monotonic clock. @param everyMs instead of the usual time between two */
  constructor(nowMs: () => number, everyMs?: number) {
    this.#nowMs = nowMs;
    this.#everyMs = everyMs;
    this.#takenAtMs = nowMs();
  }

  /** So many readings more would be read again after a crash. */
  read(readings: number): void {
    this.#readings += readings;
  }

  get isDue(): boolean {
    const passedMs = this.#nowMs() - this.#takenAtMs;
    return checkpointIsDue({ tookMs: this.#tookMs, passedMs, readings: this.#readings }, this.#everyMs);
  }

  /** Takes one now: messages wait meanwhile; storing it goes on beside them. @param state null: there is none yet */
  take<T>(state: () => T | null): T | null {
    const beganMs = this.#nowMs();
    const taken = state();
    if (taken === null) return null;
    this.#takenAtMs = this.#nowMs();
    this.#tookMs = this.#takenAtMs - beganMs;
    this.#readings = 0;
    return taken;
  }
}
