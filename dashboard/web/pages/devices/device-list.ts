import { signal } from '@preact/signals';
import type { DeviceRow, DevicesAnswer } from '../../../../events/api.ts';
import type { LiveFrame } from '../../../../events/frames.ts';
import { get, type Failure, type Result } from '../../api/request.ts';
import { advanceSpark } from '../../parts/spark.ts';

/** Rows held at most; a search finds the rest. */
export const rowsMax = 10_000;
const pageRows = 500;

/** The devices that match a search, kept up to date by frames and by loading the first page anew. */
export class DeviceList {
  /** Rises with every change of a row. */
  readonly version = signal(0);
  readonly answer = signal<Omit<DevicesAnswer, 'items'> | null>(null);
  readonly failure = signal<Failure | null>(null);
  readonly loadingSinceMs = signal<number | null>(null);
  readonly rows = new Map<string, DeviceRow>();
  #search = '';
  #running: AbortController | null = null;

  /** Loads what matches; rows of another search are dropped when the first page of this one is here. */
  async load(search: string): Promise<void> {
    const fresh = search !== this.#search || this.answer.peek() === null;
    this.#search = search;
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    this.loadingSinceMs.value = Date.now();
    try {
      await this.#pages(fresh, controller.signal);
    } catch (cause) {
      if (!controller.signal.aborted) throw cause;
    }
  }

  async #pages(fresh: boolean, abort: AbortSignal): Promise<void> {
    let after: string | null = null;
    let first = true;
    do {
      const result: Result<DevicesAnswer> = await get('/devices', { q: this.#search, limit: pageRows, after }, abort);
      this.failure.value = result.ok ? null : result.failure;
      if (!result.ok) break;
      const { items, ...rest } = result.value;
      if (first && fresh) this.rows.clear();
      for (const row of items) this.rows.set(row.key, row);
      if (first) this.answer.value = rest;
      this.version.value++;
      // A refresh takes the first page only: in alert and silent devices are on it.
      after = fresh ? rest.next : null;
      first = false;
    } while (after !== null && this.rows.size < rowsMax);
    this.loadingSinceMs.value = null;
  }

  reload(): Promise<void> {
    return this.load(this.#search);
  }

  /** True when the frame changed a row. */
  take(frame: LiveFrame): boolean {
    if (frame.type === 'devices') {
      for (const key of frame.forgotten ?? []) this.rows.delete(key);
      for (const row of frame.items) {
        const before = this.rows.get(row.key);
        if (before !== undefined) this.rows.set(row.key, { ...row, spark: before.spark });
      }
    } else if (frame.type === 'readings') {
      for (const { key, time, fields } of frame.items) {
        const before = this.rows.get(key);
        if (before === undefined || time < before.lastTimeUs) continue;
        const value = before.spark === null ? undefined : fields[before.spark.field];
        this.rows.set(key, {
          ...before,
          fields: { ...before.fields, ...fields },
          lastTimeUs: time,
          lastSeenUs: Math.max(before.lastSeenUs, frame.nowUs),
          spark:
            before.spark !== null && typeof value === 'number' ? advanceSpark(before.spark, time, value) : before.spark,
        });
      }
    } else return false;
    this.version.value++;
    return true;
  }

  end(): void {
    this.#running?.abort();
  }
}
