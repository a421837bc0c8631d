import type { WatchedKeys, WindowsBatch } from '../../events/live.ts';
import { subjects } from '../../events/subjects.ts';
import type { WindowResult } from '../../events/window.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { publishCore, subscribeCore } from '../../infra/bus/core.ts';
import type { Log } from '../../infra/log.ts';
import { WatchedWindows } from './watched-windows.ts';
import { windowsBatches } from './windows-batches.ts';

/** Open windows are computed and told at most so often. */
const everyMs = 500;

export interface PartialsFeedOptions {
  readonly bus: Bus;
  readonly lane: WindowsBatch['lane'];
  readonly log: Log;
  /** False while another process may be the worker. */
  readonly mayShow: () => boolean;
}

/**
 * Tells on `live.partials.<lane>` how the open windows grow of the keys that a dashboard watches. They are computed
 * between two messages of the log and only for these; a worker that nobody watches pays one comparison a message.
 */
export class PartialsFeed implements Disposable {
  readonly #options: PartialsFeedOptions;
  readonly #watched: WatchedWindows;
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #partialsOf: ((key: string) => readonly WindowResult[]) | null = null;

  constructor(options: PartialsFeedOptions) {
    this.#options = options;
    this.#watched = new WatchedWindows(options.lane === 'fleet' ? 'groups' : 'devices');
    this.#timer = setInterval(() => this.#send(), everyMs);
    this.#stopListening = subscribeCore(options.bus, subjects.queryPartials, (data) => this.#watch(data));
  }

  /** From now on the windows that this gives are shown. */
  show(partialsOf: (key: string) => readonly WindowResult[]): void {
    this.#partialsOf = partialsOf;
    this.#watched.restart();
  }

  /** What closed with a message of the log. */
  passed(closed: readonly WindowResult[]): void {
    if (closed.length > 0) this.#watched.close(closed);
  }

  #watch(data: Uint8Array): void {
    try {
      this.#watched.watch(JSON.parse(Buffer.from(data).toString()) as WatchedKeys, performance.now());
    } catch (error) {
      this.#options.log.warn({ err: error }, 'whose open windows are wanted was not understood');
    }
  }

  #send(): void {
    const { bus, lane, mayShow } = this.#options;
    this.#watched.expire(performance.now());
    if (this.#watched.size === 0 || this.#partialsOf === null || !mayShow()) return;
    for (const json of windowsBatches(lane, this.#watched.take(this.#partialsOf)))
      publishCore(bus, subjects.livePartials(lane), json);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stopListening();
  }
}
