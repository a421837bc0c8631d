/** A place in a worker's outputs: the log message, and the index of the output among those of that message. */
export interface UpTo {
  readonly sequence: number;
  readonly index: number;
}

/** One message for a fenced subject. */
export interface OutputBatch {
  /** JSON array. */
  readonly data: string;
  readonly count: number;
  /** The last output within. */
  readonly upTo: UpTo;
}

/** A message is closed at this size; a single larger output travels alone. Counted in UTF-16 units of its JSON. */
export const batchCharsMax = 256 * 1024;

interface Pending {
  readonly sequence: number;
  readonly index: number;
  readonly json: string;
}

/** What waits for one fenced subject: suppresses what is stored, cuts the rest into messages. Pure. */
export class FencedQueue {
  /** Sequence of the last log message written. */
  writtenUpTo = 0;
  #pending: Pending[] = [];
  readonly #stored: UpTo | null;
  readonly #batchCharsMax: number;

  constructor(stored: UpTo | null, charsMax = batchCharsMax) {
    this.#stored = stored;
    this.#batchCharsMax = charsMax;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** The outputs of every log message up to this one are stored. */
  get storedUpTo(): number {
    return this.#pending.length === 0 ? this.writtenUpTo : this.#pending[0]!.sequence - 1;
  }

  /** @returns how many of the items are stored already. */
  push(sequence: number, items: readonly unknown[]): number {
    this.writtenUpTo = sequence;
    const stored = this.#stored;
    if (stored !== null && sequence < stored.sequence) return items.length;
    const from = stored !== null && sequence === stored.sequence ? Math.min(stored.index + 1, items.length) : 0;
    for (let index = from; index < items.length; index++)
      this.#pending.push({ sequence, index, json: JSON.stringify(items[index]) });
    return from;
  }

  /** The next message, null when nothing waits. It stays until `stored`. */
  next(): OutputBatch | null {
    const first = this.#pending[0];
    if (first === undefined) return null;
    let chars = first.json.length;
    let count = 1;
    while (count < this.#pending.length) {
      chars += this.#pending[count]!.json.length + 1;
      if (chars > this.#batchCharsMax) break;
      count++;
    }
    const within = this.#pending.slice(0, count);
    const { sequence, index } = within.at(-1)!;
    return { data: `[${within.map(({ json }) => json).join(',')}]`, count, upTo: { sequence, index } };
  }

  stored(batch: OutputBatch): void {
    this.#pending.splice(0, batch.count);
  }
}

export function textOfUpTo({ sequence, index }: UpTo): string {
  return `${sequence}.${index}`;
}

/** Null for a subject without messages, or whose last one names no output. */
export function parseUpTo(text: string | undefined): UpTo | null {
  const match = /^(\d+)\.(\d+)$/.exec(text ?? '');
  return match === null ? null : { sequence: Number(match[1]), index: Number(match[2]) };
}
