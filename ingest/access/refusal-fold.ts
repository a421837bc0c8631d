import type { AuditEntry } from '../../events/audit.ts';

/** Entries of one client and reason: at most one in so long, ms. */
const everyMs = 60_000;
/** Clients and reasons remembered; those beyond share one entry a reason. */
const rememberedMax = 200;

interface Remembered {
  readonly entry: AuditEntry;
  readonly sinceMs: number;
  folded: number;
}

/**
 * Keeps refusals from rolling over the audit log: the first of a client and reason is an entry at once, those that follow
 * within a minute are counted and become one. At most `rememberedMax` entries a minute, whatever names a flood makes
 * up. Pure.
 */
export class RefusalFold {
  readonly #remembered = new Map<string, Remembered>();

  /** @returns the entry to write now; null when it is counted into a later one. */
  note(entry: AuditEntry, nowMs: number): AuditEntry | null {
    return this.#note(`${entry.what} ${entry.who} ${entry.client} ${entry.address}`, entry, nowMs);
  }

  #note(key: string, entry: AuditEntry, nowMs: number): AuditEntry | null {
    const known = this.#remembered.get(key);
    if (known !== undefined) {
      known.folded++;
      return null;
    }
    if (this.#remembered.size >= rememberedMax && !key.endsWith(others)) {
      const { what } = entry;
      return this.#note(`${what}${others}`, { ...entry, who: '', client: '', address: '', topic: '' }, nowMs);
    }
    this.#remembered.set(key, { entry, sinceMs: nowMs, folded: 0 });
    return entry;
  }

  /** To be called every few seconds, and with `Infinity` at the end. @returns what was counted, each as an entry. */
  due(nowMs: number): AuditEntry[] {
    const entries: AuditEntry[] = [];
    for (const [key, { entry, sinceMs, folded }] of this.#remembered) {
      if (nowMs - sinceMs < everyMs) break; // In the order of their beginning.
      this.#remembered.delete(key);
      if (folded === 0) continue;
      // The entry itself stands for one of them.
      entries.push({ ...entry, folded: folded - 1 });
      if (Number.isFinite(nowMs)) this.#remembered.set(key, { entry, sinceMs: nowMs, folded: 0 });
    }
    return entries;
  }
}

const others = ' (others)';
