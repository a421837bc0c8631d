import type { AuditEntry } from '../../events/audit.ts';
import { appendRefusal } from '../../infra/access/audit-trail.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Log } from '../../infra/log.ts';
import { RefusalFold } from './refusal-fold.ts';

/** Entries that wait for the log's server; what comes beyond is told in the process's own log only. */
const waitingMax = 1_000;
const sweepMs = 5_000;
/** How long the end waits for what is not written yet, ms. */
const closeMs = 2_000;

/** Writes refusals into the audit log, folded, one after the other. Nobody waits for it. */
export class RefusalAudit {
  readonly #bus: Bus;
  readonly #log: Log;
  readonly #nowUs: () => number;
  readonly #onRefused: (entry: AuditEntry) => void;
  readonly #fold = new RefusalFold();
  readonly #waiting: AuditEntry[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #ended = new AbortController();
  #writing: Promise<void> | null = null;

  /** @param onRefused is told of each, before it is folded */
  constructor(bus: Bus, log: Log, nowUs: () => number, onRefused: (entry: AuditEntry) => void) {
    this.#bus = bus;
    this.#log = log;
    this.#nowUs = nowUs;
    this.#onRefused = onRefused;
    this.#timer = setInterval(() => this.#write(this.#fold.due(performance.now())), sweepMs);
  }

  refused(what: string, about: Partial<Pick<AuditEntry, 'who' | 'address' | 'client' | 'topic' | 'reason'>>): void {
    const nothing = { who: '', address: '', client: '', topic: '', reason: '' };
    const entry = { atUs: this.#nowUs(), what, by: '', ...nothing, ...about, folded: 0 };
    this.#onRefused(entry);
    const now = this.#fold.note(entry, performance.now());
    if (now !== null) this.#write([now]);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#write(this.#fold.due(Number.POSITIVE_INFINITY));
    const timer = setTimeout(() => this.#ended.abort(), closeMs);
    await this.#writing;
    clearTimeout(timer);
  }

  #write(entries: readonly AuditEntry[]): void {
    for (const entry of entries) {
      this.#log.warn(entry, 'refused');
      if (this.#waiting.length < waitingMax) this.#waiting.push(entry);
    }
    if (this.#waiting.length > 0) this.#writing ??= this.#drain().finally(() => (this.#writing = null));
  }

  async #drain(): Promise<void> {
    for (let entry = this.#waiting.shift(); entry !== undefined; entry = this.#waiting.shift()) {
      try {
        await appendRefusal(this.#bus, entry, this.#ended.signal);
      } catch (err) {
        if (this.#ended.signal.aborted) return;
        this.#log.error({ err }, 'an entry of the audit log cannot be written');
      }
    }
  }
}
