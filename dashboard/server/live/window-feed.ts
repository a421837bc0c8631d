import type { WindowsBatch } from '../../../events/live.ts';
import { subjects } from '../../../events/subjects.ts';
import type { Bus } from '../../../infra/bus/connection.ts';
import { publishCore, subscribeCore } from '../../../infra/bus/core.ts';
import type { Log } from '../../../infra/log.ts';
import { watchEveryMs, type WindowWatch } from './window-watch.ts';

export interface WindowFeedOptions {
  readonly bus: Bus;
  readonly windows: WindowWatch;
  readonly log: Log;
  readonly onBatch: (batch: WindowsBatch) => void;
}

/** Tells workers whose open windows are wanted, and brings what they say of these. */
export class WindowFeed implements Disposable {
  readonly #options: WindowFeedOptions;
  readonly #stopListening: () => void;
  readonly #timer: NodeJS.Timeout;
  #said = '';

  constructor(options: WindowFeedOptions) {
    this.#options = options;
    this.#stopListening = subscribeCore(options.bus, 'live.partials.*', (data) => this.#receive(data));
    // Workers may have started since, or the link was down.
    this.#timer = setInterval(() => this.#say(), watchEveryMs);
  }

  /** Other keys may be wanted than before. */
  wanted(): void {
    if (JSON.stringify(this.#options.windows.message) !== this.#said) this.#say();
  }

  #say(): void {
    const { bus, windows } = this.#options;
    const { message } = windows;
    const isNothing = message.devices.length + message.groups.length === 0;
    const before = this.#said;
    this.#said = JSON.stringify(message);
    // That nothing is wanted is said once.
    if (isNothing && (before === '' || before === this.#said)) return;
    publishCore(bus, subjects.queryPartials, this.#said);
  }

  #receive(data: Uint8Array): void {
    try {
      this.#options.onBatch(JSON.parse(Buffer.from(data).toString()) as WindowsBatch);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'what a worker says of open windows was not understood');
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stopListening();
  }
}
