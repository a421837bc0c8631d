import { TopicFilters } from './topic-filters.ts';

interface Message {
  readonly topic: string;
}

type Listener = (message: Message, done: () => void) => void;

/**
 * Messages from the broker's publishers to its subscribers (aedes' `mq`). Unlike the one aedes brings, it waits for no
 * subscriber: there, one that stops reading holds up everybody who publishes to it. What a subscriber may hold is
 * bounded where it is forwarded.
 */
export class LocalRouter {
  readonly #filters = new TopicFilters<Listener>();

  /** Does anybody here listen to it? Nearly always nobody: readings go to the log. */
  wants(topic: string): boolean {
    return this.#filters.match(topic).length > 0;
  }

  on(filter: string, listener: Listener, done?: () => void): this {
    this.#filters.add(filter, listener);
    if (done) setImmediate(done);
    return this;
  }

  removeListener(filter: string, listener: Listener, done?: () => void): void {
    this.#filters.remove(filter, listener);
    if (done) setImmediate(done);
  }

  emit(message: Message, done?: (error?: Error) => void): void {
    for (const listener of this.#filters.match(message.topic)) listener(message, nothing);
    done?.();
  }

  close(done: () => void): void {
    setImmediate(done);
  }
}

function nothing(): void {}
