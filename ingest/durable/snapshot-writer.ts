import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import { MillraceError } from '../../infra/errors.ts';
import type { Log } from '../../infra/log.ts';
import type { BrokerSnapshot } from './snapshot-codec.ts';
import { encodeSnapshot } from './snapshot-codec.ts';

/** Between two snapshots of what changes, ms: so much of the log is read at a start, and may be delivered twice. */
const changedMs = 5_000;
/** Between two of what does not change, ms: only the position moved. */
const unchangedMs = 60_000;
/** And never more than this on average, bytes a second. */
const bytesPerSecond = 1024 * 1024;
const lookMs = 1_000;

export interface SnapshotSource {
  /** Grows with each change. */
  changes(): number;
  take(): BrokerSnapshot;
}

/** Writes snapshots of the broker, conflated: however much changes, it costs no more than `bytesPerSecond`. */
export class SnapshotWriter {
  readonly #checkpoints: Checkpoints;
  readonly #name: string;
  readonly #source: SnapshotSource;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | null = null;
  #writtenMs = 0;
  #writtenBytes = 0;
  #writtenChanges = -1;

  constructor(checkpoints: Checkpoints, name: string, source: SnapshotSource, log: Log) {
    this.#checkpoints = checkpoints;
    this.#name = name;
    this.#source = source;
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  /** Writes one now. @throws LOG_UNAVAILABLE, FENCED when another process has the same name */
  async write(): Promise<void> {
    await this.#writing?.catch(() => undefined);
    this.#writing = this.#write().finally(() => (this.#writing = null));
    await this.#writing;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#writing !== null) return;
    const isChanged = this.#source.changes() !== this.#writtenChanges;
    const dueMs = Math.max(isChanged ? changedMs : unchangedMs, (this.#writtenBytes / bytesPerSecond) * 1_000);
    if (performance.now() - this.#writtenMs < dueMs) return;
    this.write().catch((err: unknown) => {
      const isFenced = err instanceof MillraceError && err.code === 'FENCED';
      this.#log.error(
        { err },
        isFenced
          ? `another ingest process keeps its sessions under "${this.#name}": give each its own MILLRACE_SLOT`
          : 'what the broker holds cannot be kept; trying again',
      );
    });
  }

  async #write(): Promise<void> {
    this.#writtenMs = performance.now();
    const changes = this.#source.changes();
    const bytes = encodeSnapshot(this.#source.take());
    await this.#checkpoints.save(this.#name, bytes);
    this.#writtenBytes = bytes.length;
    this.#writtenChanges = changes;
  }
}
