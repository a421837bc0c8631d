/** Producers remembered. A new one begins with each start of an ingest process. */
export const producersMax = 1_000;

/** What a batch's sequence says: it is the next, was read before, or `missing` batches before it never came. */
export type Verdict =
  | { readonly kind: 'next' }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'gap'; readonly missing: number };

const next: Verdict = { kind: 'next' };
const repeat: Verdict = { kind: 'repeat' };

/**
 * The last sequence of each producer, for one partition. A producer repeats a batch until the log has it, and JetStream
 * recognises repeats for some minutes only: what it lets through is recognised here.
 */
export class Producers {
  /** Least recently heard first. */
  readonly #last: Map<string, number>;

  constructor(snapshot: readonly (readonly [string, number])[] = []) {
    this.#last = new Map(snapshot);
  }

  /** Looks at a batch, and notes it unless it is a repeat. */
  judge(producer: string, sequence: number): Verdict {
    const verdict = this.look(producer, sequence);
    if (verdict.kind !== 'repeat') this.note(producer, sequence);
    return verdict;
  }

  /** Changes nothing. */
  look(producer: string, sequence: number): Verdict {
    const last = this.#last.get(producer);
    if (last !== undefined && sequence <= last) return repeat;
    // One that is new here may have begun before the log was trimmed.
    return last === undefined || sequence === last + 1 ? next : { kind: 'gap', missing: sequence - last - 1 };
  }

  /** The batch was looked at, is no repeat, and is taken. */
  note(producer: string, sequence: number): void {
    this.#last.delete(producer);
    this.#last.set(producer, sequence);
    if (this.#last.size > producersMax) this.#last.delete(this.#last.keys().next().value!);
  }

  snapshot(): [string, number][] {
    return [...this.#last];
  }
}
