import type { LivePoint } from './join-live.ts';

/** Live points kept per field; older ones are in the history by then. */
const pointsMax = 4_096;

/** The latest live points of one field, in the order they came. */
export class LiveTail {
  #points: LivePoint[] = [];

  get points(): readonly LivePoint[] {
    return this.#points;
  }

  add(timeUs: number, value: number): void {
    this.#points.push({ timeUs, value });
    if (this.#points.length > pointsMax) this.#points.splice(0, pointsMax / 4);
  }

  /** Forgets what a history up to `timeUs` holds. */
  forget(timeUs: number): void {
    this.#points = this.#points.filter((point) => point.timeUs > timeUs);
  }
}
