import { isErased, type DeviceErased } from '../../events/erased.ts';
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
 * Windows that the log no longer tells of. What the pipeline made of them the stream WINDOWS knows, as far as it goes
 * back: of those that depend on messages from before the log's first, and of those that were written when the log was
 * trimmed from under the replay.
 */
export class UnreadWindows {
  readonly #overtaken: Overtaken[] = [];

  add(from: number, windows: RevisableWindows): void {
    this.#overtaken.push({ from, windows });
  }

  /** Whether a result is of a window that was written before its messages were gone. */
  has(result: WindowResult): boolean {
    return this.#overtaken.some(({ from, windows }) => result.origin.sequence >= from && windows.has(result));
  }

  get any(): boolean {
    return this.#overtaken.length > 0;
  }
}

/**
 * Hands on the results of a subject of WINDOWS that are wanted, in order; then what has come meanwhile, until that is
 * nothing.
 * @param write resolves when they are stored
 */
export async function restoreWindows(
  bus: Bus,
  subject: string,
  signal: AbortSignal,
  isWanted: (result: WindowResult) => boolean,
  write: (results: readonly WindowResult[], nowUs: number) => Promise<void>,
): Promise<void> {
  for (let from = 1, wrote = true; wrote;) {
    const until = (await streamInfo(bus, streams.windows, signal)).lastSequence + 1;
    const range = { stream: streams.windows, subject, from, until, signal, onGap: () => undefined };
    wrote = false;
    for await (const { data, timeUs } of readRange(bus, range)) {
      const items = JSON.parse(Buffer.from(data).toString()) as (WindowResult | DeviceErased)[];
      const results = items.filter((item): item is WindowResult => !isErased(item)).filter(isWanted);
      if (results.length === 0) continue;
      await write(results, timeUs);
      wrote = true;
    }
    from = until;
  }
}
