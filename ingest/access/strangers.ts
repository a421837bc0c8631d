import type { AuditEntry } from '../../events/audit.ts';

/** How long a refused client counts, ms. */
export const strangerMs = 60_000;
/** Clients told apart; of more than these only the latest count. */
export const strangersMax = 1_000;

/**
 * How many clients were refused lately because nobody here knows them: they showed no credential, or a name that none
 * has. That is what sensors are after the first credential was made. Pure.
 */
export class Strangers {
  readonly #isName: (name: string) => boolean;
  /** When each was refused last, the latest at the end. */
  readonly #refusedAtMs = new Map<string, number>();

  /** @param isName whether there is, or was, a credential of the name */
  constructor(isName: (name: string) => boolean) {
    this.#isName = isName;
  }

  note({ what, who, client, address }: AuditEntry, nowMs: number): void {
    if (what !== 'no-credential' && (what !== 'bad-credential' || this.#isName(who))) return;
    // Who names no client id gets another one at each CONNECT.
    const name = client || address;
    this.#refusedAtMs.delete(name);
    this.#refusedAtMs.set(name, nowMs);
    if (this.#refusedAtMs.size > strangersMax) this.#refusedAtMs.delete(this.#refusedAtMs.keys().next().value!);
  }

  /** Clients refused within the last minute, at most `strangersMax`. */
  count(nowMs: number): number {
    for (const [name, atMs] of this.#refusedAtMs) {
      if (nowMs - atMs < strangerMs) break;
      this.#refusedAtMs.delete(name);
    }
    return this.#refusedAtMs.size;
  }
}
