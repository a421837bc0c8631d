import { MillraceError } from '../errors.ts';

/** The right to be the only one at something, for as long as this process is heard of. */
export interface Lease {
  readonly name: string;
  /** Aborted when it has to end: finish what is in hand and return. Or it is lost, which `confirmed` tells. */
  readonly signal: AbortSignal;
  /** Nobody else can hold it now: it was renewed a short while ago by this process's monotonic clock. */
  readonly isValid: boolean;
  /**
   * Resolves at once while it is valid. After a pause, or with the bus away, it waits until the lease is renewed. To be
   * awaited before each thing done that nothing else fences. Rejects with FENCED when somebody else has taken it.
   */
  confirmed(): Promise<void>;
}

/** A lease in the hands of its manager, which renews and ends it. Knows no timer: it is told. */
export class HeldLease implements Lease {
  readonly name: string;
  readonly #nowMs: () => number;
  readonly #validMs: number;
  readonly #end = new AbortController();
  #confirmedMs: number;
  #lost: MillraceError | null = null;
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  /** @param confirmedMs when what confirms it was sent */
  constructor(name: string, nowMs: () => number, validMs: number, confirmedMs: number) {
    this.name = name;
    this.#nowMs = nowMs;
    this.#validMs = validMs;
    this.#confirmedMs = confirmedMs;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get isValid(): boolean {
    return this.#lost === null && this.#nowMs() - this.#confirmedMs < this.#validMs;
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  confirmed(): Promise<void> {
    if (this.isValid) return Promise.resolve();
    if (this.#lost !== null) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** @param sentMs when the renewal was sent, not when it was answered: others count from there at the earliest */
  confirm(sentMs: number): void {
    this.#confirmedMs = sentMs;
    if (!this.isValid) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** It is another's turn: what runs under it is to finish. It stays valid meanwhile. */
  finish(): void {
    this.#end.abort();
  }

  /** Somebody else has it, or nobody knows any more: nothing under it may have an effect from here on. */
  lose(why: string): void {
    this.#lost ??= new MillraceError('FENCED', `The lease ${this.name} is lost: ${why}.`);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
    this.#end.abort(this.#lost);
  }
}
