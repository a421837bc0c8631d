/**
 * Up to where in the log everything is also in the broker's memory: what a snapshot may call its position. A record
 * that is on its way (to the log, or from there to its subscribers) holds it back to what the log was known to hold
 * when it came, for it will stand behind that. Pure.
 *
 * @example
 * const settled = new SettledPosition(10);
 * const held = settled.begin(); // a publish came
 * settled.stored(12);           // its batch, or another one
 * settled.position;             // 10
 * settled.end(held);            // retained, queued, delivered
 * settled.position;             // 12
 */
export class SettledPosition {
  #stored: number;
  #followed = Infinity;
  /** How many are on their way, by what the log held when they came; in ascending order. */
  readonly #open = new Map<number, number>();

  constructor(position: number) {
    this.#stored = position;
  }

  /** The log holds a message of ours at this sequence. */
  stored(sequence: number): void {
    if (sequence > this.#stored) this.#stored = sequence;
  }

  /** The greatest sequence known. */
  get latest(): number {
    return this.#stored;
  }

  begin(): number {
    this.#open.set(this.#stored, (this.#open.get(this.#stored) ?? 0) + 1);
    return this.#stored;
  }

  end(held: number): void {
    const count = this.#open.get(held)! - 1;
    if (count === 0) this.#open.delete(held);
    else this.#open.set(held, count);
  }

  /** Where the reader of what others write stands; from the first call on it holds the position back. */
  followed(sequence: number): void {
    this.#followed = sequence;
  }

  get position(): number {
    const [oldest] = this.#open.keys();
    return Math.min(oldest ?? this.#stored, this.#followed);
  }
}
