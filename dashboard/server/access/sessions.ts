import { createHash, randomBytes } from 'node:crypto';

/** A session ends so long after its sign-in, used or not, ms. */
export const sessionMs = 12 * 3_600_000;
/** Sessions at a time; a further one ends the oldest. */
const sessionsMax = 1_000;

/** Who has signed in, by the SHA-256 of the random token in their cookie. In memory: a restart signs everybody out. */
export class Sessions {
  /** When each ends, ms; in the order of their beginning. */
  readonly #ends = new Map<string, number>();

  /** @returns the token of a new one */
  open(nowMs: number): string {
    for (const [key, endMs] of this.#ends) {
      if (endMs > nowMs && this.#ends.size < sessionsMax) break;
      this.#ends.delete(key);
    }
    const token = randomBytes(32).toString('base64url');
    this.#ends.set(keyOf(token), nowMs + sessionMs);
    return token;
  }

  isOpen(token: string, nowMs: number): boolean {
    return (this.#ends.get(keyOf(token)) ?? 0) > nowMs;
  }

  close(token: string): void {
    this.#ends.delete(keyOf(token));
  }
}

function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
