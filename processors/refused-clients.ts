/** After the first refusal so long is waited for those of the others, ms: all are cut off within seconds. */
const collectMs = 5_000;
/** Without a refusal for so long it is over, ms: who is refused tries again after a minute or two at most. */
const overMs = 180_000;
/** An ingest process that did not report for so long counts no more, ms. */
const reportMaxMs = 10_000;

/**
 * What is to be said of clients that ingest refuses because nobody knows them:
 *
 *   quiet -> (a refusal) -> collecting -> said -> (none for 3 minutes) -> quiet
 *                                         |  ^ again when twice as many were refused
 *
 * Pure.
 */
export class RefusedClients {
  readonly #counts = new Map<string, { count: number; atMs: number }>();
  #sinceMs: number | null = null;
  #lastMs = 0;
  #said = 0;

  /** @param count clients refused within a minute, as an ingest process reports it */
  note(instance: string, count: number, nowMs: number): void {
    this.#counts.set(instance, { count, atMs: nowMs });
  }

  /** To be called every second. @returns how many are to be spoken of; 0 when there is nothing to say */
  told(nowMs: number): number {
    let sum = 0;
    for (const [instance, { count, atMs }] of this.#counts)
      if (nowMs - atMs > reportMaxMs) this.#counts.delete(instance);
      else sum += count;
    if (sum > 0) {
      this.#sinceMs ??= nowMs;
      this.#lastMs = nowMs;
      if (nowMs - this.#sinceMs >= collectMs && sum >= this.#said * 2) this.#said = sum;
    } else if (nowMs - this.#lastMs >= overMs) {
      this.#sinceMs = null;
      this.#said = 0;
    }
    return this.#said;
  }
}

export function refusedText(clients: number): string {
  const who = clients === 1 ? '1 client' : `${clients.toLocaleString('en')} clients`;
  return `${who} refused within a minute: no credential. See \`millrace audit\`; \`millrace device add <name>\` makes one.`;
}
