/** Records that came when the log was known to reach to the same message, as far as they are on their way. */
export interface Held {
  readonly sequence: number;
  count: number;
}

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
  /** In ascending order; the first has some on their way. */
  readonly #held: Held[] = [];

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

  begin(): Held {
    let held = this.#held.at(-1);
    if (held?.sequence !== this.#stored) this.#held.push((held = { sequence: this.#stored, count: 0 }));
    held.count++;
    return held;
  }

  end(held: Held): void {
    held.count--;
    while (this.#held[0]?.count === 0) this.#held.shift();
  }

  /** Where the reader of what others write stands; from the first call on it holds the position back. */
  followed(sequence: number): void {
    this.#followed = sequence;
  }

  get position(): number {
    return Math.min(this.#held[0]?.sequence ?? this.#stored, this.#followed);
  }
}
