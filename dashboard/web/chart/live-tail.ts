import type { LivePoint } from './join-live.ts';

/** Live points kept per field; older ones are in the history by then. */
const pointsMax = 4_096;

/** The latest live points of one field, in the order they came. */
export class LiveTail {
  #points: LivePoint[] = [];
  #last: LivePoint | null = null;

  get points(): readonly LivePoint[] {
    return this.#points;
  }

  /** The latest by its time, kept when the points before a history's end are forgotten. */
  get last(): LivePoint | null {
    return this.#last;
  }

  add(timeUs: number, value: number): void {
    const point = { timeUs, value };
    this.#points.push(point);
    if (this.#last === null || timeUs > this.#last.timeUs) this.#last = point;
    if (this.#points.length > pointsMax) this.#points.splice(0, pointsMax / 4);
  }

  /** Forgets what a history up to `timeUs` holds. */
  forget(timeUs: number): void {
    this.#points = this.#points.filter((point) => point.timeUs > timeUs);
  }
}
