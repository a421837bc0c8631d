import { setTimeout as wait } from 'node:timers/promises';
import { HttpError } from '@influxdata/influxdb-client';
import { ambiguity, eraseSeries, type ErasedPart, type SeriesTags } from './erase-series.ts';
import { failureText } from './failure-text.ts';
import type { Generation, InfluxConnection } from './influx-connection.ts';
import { RefusedStatement } from './influx-query.ts';
import { writeLines } from './influx-writer.ts';
import type { RefusedLine } from './influx-writer.ts';
import type { Policy } from './retention.ts';
import { ensureSchema } from './schema.ts';

const firstDelayMs = 500;
const delayMaxMs = 15_000;

/** Wait before the next try after so many failures in a row. */
export function retryDelayMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(firstDelayMs * 2 ** (failures - 1), delayMaxMs);
}

/** Whether InfluxDB takes writes. */
export interface StoreState {
  /** Empty when it does, else the sentence that says why not. */
  readonly error: string;
  readonly downSinceUs: number | null;
  readonly nextTryAtUs: number | null;
}

/**
 * InfluxDB as storage sees it: either open (its generation known, the schema there) or shut. A failed write shuts it;
 * one loop for all writers then tries to open it again, slower and slower, and each time makes sure of the schema, as
 * the server may have come back empty.
 */
export class InfluxStore {
  readonly #connection: InfluxConnection;
  readonly #signal: AbortSignal;
  readonly #onWrite: (durationMs: number) => void;
  #generation: Generation | null = null;
  #opening: Promise<Generation> | null = null;
  #failures = 0;
  #state: StoreState = { error: '', downSinceUs: null, nextTryAtUs: null };

  /** @param onWrite told how long each answered write took */
  constructor(connection: InfluxConnection, signal: AbortSignal, onWrite: (durationMs: number) => void) {
    this.#connection = connection;
    this.#signal = signal;
    this.#onWrite = onWrite;
  }

  get state(): StoreState {
    return this.#state;
  }

  /** Opens it if it is shut, trying for ever. @throws the reason of the signal that it was made with. */
  open(): Promise<Generation> {
    if (this.#generation !== null) return Promise.resolve(this.#generation);
    this.#opening ??= this.#tryToOpen().finally(() => (this.#opening = null));
    return this.#opening;
  }

  /**
   * Writes until InfluxDB answers, however long that takes; writing a line twice changes nothing.
   * @param confirmed awaited before each request: InfluxDB fences nobody
   * @returns the lines that it refused. @throws the signal's reason, or that of `confirmed`.
   */
  async write(
    policy: Policy,
    lines: readonly string[],
    signal: AbortSignal,
    confirmed?: () => Promise<void>,
  ): Promise<readonly RefusedLine[]> {
    for (;;) {
      const generation = await unlessAborted(this.open(), signal);
      const [startedAt, startedAtMs] = [performance.now(), Date.now()];
      const outcome = await writeLines(this.#connection, { generation, policy }, lines, signal, confirmed);
      signal.throwIfAborted();
      if (outcome.kind === 'answered') {
        this.#onWrite(performance.now() - startedAt);
        this.#failures = 0;
        if (this.#state.error !== '') this.#state = { error: '', downSinceUs: null, nextTryAtUs: null };
        return outcome.refused;
      }
      // Several writers may see one outage; the first of them shuts the store.
      if (this.#generation !== null) this.#shut(outcome.error, startedAtMs);
    }
  }

  /**
   * Deletes a device's points, tried until InfluxDB answers. What it refuses for good is told, and left.
   * @returns why it could not be done; null when it is. @throws the signal's reason, or that of `confirmed`.
   */
  async erase(
    part: ErasedPart,
    tags: SeriesTags,
    signal: AbortSignal,
    confirmed?: () => Promise<void>,
  ): Promise<string | null> {
    for (;;) {
      const generation = await unlessAborted(this.open(), signal);
      const why = generation === 2 ? ambiguity(tags) : null;
      if (why !== null) return `InfluxDB 2 cannot delete its series alone: ${why}`;
      const startedAtMs = Date.now();
      await confirmed?.();
      try {
        await eraseSeries(this.#connection, generation, part, tags, signal);
        return null;
      } catch (cause) {
        signal.throwIfAborted();
        if (isRefusal(cause)) return failureText(cause);
        if (this.#generation !== null) this.#shut(failureText(cause), startedAtMs);
      }
    }
  }

  async #tryToOpen(): Promise<Generation> {
    for (;;) {
      await wait(retryDelayMs(this.#failures), undefined, { signal: this.#signal });
      const startedAtMs = Date.now();
      try {
        const generation = await this.#connection.generation(this.#signal);
        await ensureSchema(this.#connection, generation, this.#signal);
        this.#generation = generation;
        return generation;
      } catch (cause) {
        this.#signal.throwIfAborted();
        this.#shut(failureText(cause), startedAtMs);
      }
    }
  }

  /** @param triedAtMs when the failed attempt began: an InfluxDB that hangs is known to be down only at its timeout */
  #shut(error: string, triedAtMs: number): void {
    this.#generation = null;
    this.#failures++;
    const nowUs = Date.now() * 1000;
    this.#state = {
      error: `InfluxDB at ${this.#connection.url} does not take writes: ${error}`,
      downSinceUs: this.#state.downSinceUs ?? triedAtMs * 1000,
      nextTryAtUs: nowUs + retryDelayMs(this.#failures) * 1000,
    };
  }
}

/** The promise, or the signal's reason if that comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** It will not be otherwise at the next try, as with a right that is missing. */
function isRefusal(cause: unknown): boolean {
  if (cause instanceof HttpError) return cause.statusCode >= 400 && cause.statusCode < 500 && cause.statusCode !== 429;
  return cause instanceof RefusedStatement && !/database not found/i.test(cause.message);
}
