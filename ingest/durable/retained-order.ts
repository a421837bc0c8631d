/** Topics whose last place in the log is remembered: those of the last moments, while processes may still disagree. */
const topicsMax = 20_000;

/**
 * Which retained message of a topic is the last one: the one that comes last in the log, in whatever order two
 * processes hear of them. Pure.
 */
export class RetainedOrder {
  readonly #sequences = new Map<string, number>();

  /** A retained message of this topic stands here in the log. @returns false when a later one is known. */
  isLatest(topic: string, sequence: number): boolean {
    const known = this.#sequences.get(topic);
    if (known !== undefined && known > sequence) return false;
    // To the end: the oldest are forgotten first.
    this.#sequences.delete(topic);
    this.#sequences.set(topic, sequence);
    if (this.#sequences.size > topicsMax) this.#sequences.delete(this.#sequences.keys().next().value!);
    return true;
  }
}
