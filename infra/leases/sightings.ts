/** A member as it announces itself: its start tells it from a process that had the same name before it. */
export interface Announcement {
  readonly id: string;
  /** Of its key in the bucket: each renewal raises it. */
  readonly revision: number;
  /** It is on its way out: what it holds it still holds, but it gets nothing more. */
  readonly isLeaving: boolean;
}

interface Sighting {
  readonly revision: number;
  readonly sinceMs: number;
}

/**
 * Who lives, seen from one process: a member whose revision stood still for `ttlMs` does not. Only this process's own
 * monotonic clock counts, and only while it was looking: after a pause of its own, or an outage of the bus, everybody
 * gets a full term again.
 */
export class Sightings {
  readonly #ttlMs: number;
  readonly #lookGapMaxMs: number;
  #members = new Map<string, Announcement>();
  #seen = new Map<string, Sighting>();
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @param lookGapMaxMs two looks further apart than this were interrupted */
  constructor(ttlMs: number, lookGapMaxMs: number) {
    this.#ttlMs = ttlMs;
    this.#lookGapMaxMs = lookGapMaxMs;
  }

  look(nowMs: number, members: readonly Announcement[]): void {
    const interrupted = nowMs - this.#lookedMs > this.#lookGapMaxMs;
    this.#lookedMs = nowMs;
    const before = interrupted ? new Map<string, Sighting>() : this.#seen;
    this.#members = new Map(members.map((member) => [member.id, member]));
    this.#seen = new Map(
      members.map(({ id, revision }) => {
        const known = before.get(id);
        return [id, known?.revision === revision ? known : { revision, sinceMs: nowMs }];
      }),
    );
  }

  /**
   * Looks at what is read, as of when the read was sent: the answer is at least as new as that. By when it came, one
   * that was long on its way would make those look dead who have renewed meanwhile.
   */
  async lookAt<T extends Announcement>(read: () => Promise<readonly T[]>, nowMs: () => number): Promise<readonly T[]> {
    const sentMs = nowMs();
    const members = await read();
    this.look(sentMs, members);
    return members;
  }

  /** Those who lived at the last look. */
  living(): readonly Announcement[] {
    return [...this.#members.values()].filter(({ id }) => this.silentMs(id) < this.#ttlMs);
  }

  /** For how long a member has stood still at the last look, ms. */
  silentMs(id: string): number {
    return this.#lookedMs - (this.#seen.get(id)?.sinceMs ?? Number.NEGATIVE_INFINITY);
  }
}
