import type { DeviceConnection } from './connection.ts';

/** After an outage so many connections are read again each resumeMs: their return is no storm. */
const resumedPerSlice = 200;
const resumeMs = 20;

/** Has connections read, or leaves what they send in the network. */
export class Returning {
  /** Those that are to be read again, and the timer that does it. */
  #waiting: DeviceConnection[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** Not all of them are read yet. */
  get isUnderWay(): boolean {
    return this.#waiting.length > 0;
  }

  /** Reads all connections, slice by slice, or none. Those that sent no CONNECT yet get their answer. */
  listen(listening: boolean, connections: Iterable<DeviceConnection>): void {
    this.stop();
    if (!listening) {
      for (const connection of connections) if (connection.registeredAs !== null) connection.listen(false);
      return;
    }
    this.#waiting = [...connections].filter(({ unread }) => unread);
    this.#resumeSlice();
    if (this.#waiting.length > 0) this.#timer = setInterval(() => this.#resumeSlice(), resumeMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#waiting = [];
  }

  #resumeSlice(): void {
    for (const connection of this.#waiting.splice(0, resumedPerSlice)) connection.listen(true);
    if (this.#waiting.length > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
