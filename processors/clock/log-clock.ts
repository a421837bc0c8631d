import type { LogRecord } from '../../events/record.ts';

/** The most that passes between two messages, and without a tick, us. */
const passMaxUs = 2_000_000;

export interface LogClockSnapshot {
  readonly previousUs: number | null;
  readonly elapsedUs: number;
  readonly elapsedAtTickUs: number;
}

const start: LogClockSnapshot = { previousUs: null, elapsedUs: 0, elapsedAtTickUs: 0 };

/**
 * Time as the log tells it. `now` is a message's timestamp and may step back at a leader change; `elapsed` only
 * grows: at most 2 s between two messages, and at most 2 s past the last tick. So silence counts only while ingest
 * was listening: when Millrace itself was down, no device was absent.
 */
export class LogClock {
  #previousUs: number | null;
  #elapsedUs: number;
  #elapsedAtTickUs: number;

  constructor({ previousUs, elapsedUs, elapsedAtTickUs }: LogClockSnapshot = start) {
    this.#previousUs = previousUs;
    this.#elapsedUs = elapsedUs;
    this.#elapsedAtTickUs = elapsedAtTickUs;
  }

  get elapsedUs(): number {
    return this.#elapsedUs;
  }

  /** Moves on to a message and returns `elapsed` in us. A control message stands outside of time. */
  read(nowUs: number, records: readonly LogRecord[]): number {
    if (records.some(({ kind }) => kind === 'control')) return this.#elapsedUs;
    const passedUs = Math.min(Math.max(nowUs - (this.#previousUs ?? nowUs), 0), passMaxUs);
    this.#elapsedUs = Math.max(
      Math.min(this.#elapsedUs + passedUs, this.#elapsedAtTickUs + passMaxUs),
      this.#elapsedUs,
    );
    this.#previousUs = nowUs;
    if (records.some(({ kind }) => kind === 'tick')) this.#elapsedAtTickUs = this.#elapsedUs;
    return this.#elapsedUs;
  }

  snapshot(): LogClockSnapshot {
    return { previousUs: this.#previousUs, elapsedUs: this.#elapsedUs, elapsedAtTickUs: this.#elapsedAtTickUs };
  }
}
