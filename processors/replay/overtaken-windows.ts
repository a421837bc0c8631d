import { streams } from '../../events/subjects.ts';
import type { WindowResult } from '../../events/window.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import type { RevisableWindows } from './revisable-windows.ts';

interface Overtaken {
  /** The first message that is missing. */
  readonly from: number;
  readonly windows: RevisableWindows;
}

/**
 * Windows that a replay had written when the log was trimmed from under it: what the missing messages made of them only
 * the stream WINDOWS knows, as far as it goes back.
 */
export class OvertakenWindows {
  readonly #overtaken: Overtaken[] = [];

  add(from: number, windows: RevisableWindows): void {
    this.#overtaken.push({ from, windows });
  }

  get any(): boolean {
    return this.#overtaken.length > 0;
  }

  /**
   * Hands on the results that a subject of WINDOWS has of them, in order; then what has come meanwhile, until that is
   * nothing.
   * @param write resolves when they are stored
   */
  async repair(
    bus: Bus,
    subject: string,
    signal: AbortSignal,
    write: (results: readonly WindowResult[], nowUs: number) => Promise<void>,
  ): Promise<void> {
    for (let from = 1; ;) {
      const until = (await streamInfo(bus, streams.windows, signal)).lastSequence + 1;
      let wrote = false;
      const options = { stream: streams.windows, subject, from, until, signal, onGap: () => undefined };
      for await (const { data, timeUs } of readRange(bus, options)) {
        const results = (JSON.parse(Buffer.from(data).toString()) as WindowResult[]).filter((result) =>
          this.#overtaken.some((one) => result.origin.sequence >= one.from && one.windows.has(result)),
        );
        if (results.length === 0) continue;
        await write(results, timeUs);
        wrote = true;
      }
      if (!wrote) return;
      from = until;
    }
  }
}
