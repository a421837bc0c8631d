import { headers } from 'nats';
import { recordFormatVersion } from '../../events/record-codec.ts';
import { logHeaders, streams, subjects } from '../../events/subjects.ts';
import { requestTimeoutMs, type Bus } from './connection.ts';
import { isFull, isTransient, unavailable } from './jetstream-errors.ts';
import { pause, retryDelayMs } from './retry.ts';

/** `full`: LOG is at its hard stop. `unreachable`: no answer. In both, publishes wait and are tried again. */
export type LogState = 'ok' | 'full' | 'unreachable';

export interface LogPublisher {
  /** The worst of what the partitions last met. */
  readonly state: LogState;
  /**
   * Stores one batch: the same bytes under the same message id, again and again until the log has it. The caller
   * keeps one publish in flight per partition and counts `producerSequence` up from 1 per partition without a hole.
   * @returns its stream sequence.
   * @throws the signal's reason: then it may or may not have been stored, and the next publish of the partition has
   * to repeat the same bytes under the same sequence. LOG_UNAVAILABLE when the server refuses for good (no rights,
   * larger than a message may be) or the bus is closed.
   */
  publish(partition: number, data: Uint8Array, producerSequence: number, signal?: AbortSignal): Promise<number>;
  /** Told at each change of state. Returns the unsubscription. */
  onState(listener: (state: LogState) => void): () => void;
  close(): void;
}

/** A writer of LOG. `producer` is unique to one start of one process. */
export function createLogPublisher(bus: Bus, { producer }: { producer: string }): LogPublisher {
  return new JetStreamLogPublisher(bus, producer);
}

class JetStreamLogPublisher implements LogPublisher {
  state: LogState;
  readonly #bus: Bus;
  readonly #producer: string;
  readonly #partitions = new Map<number, LogState>();
  readonly #listeners = new Set<(state: LogState) => void>();
  readonly #offLink: () => void;

  constructor(bus: Bus, producer: string) {
    this.#bus = bus;
    this.#producer = producer;
    this.state = bus.connected ? 'ok' : 'unreachable';
    this.#offLink = bus.onLink(() => this.#judge());
  }

  async publish(partition: number, data: Uint8Array, producerSequence: number, signal?: AbortSignal): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      await this.#bus.whenConnected(signal);
      try {
        const stored = await this.#bus.jetstream.publish(subjects.log(partition), data, {
          msgID: `${this.#producer}:${partition}:${producerSequence}`,
          headers: this.#headers(producerSequence),
          expect: { streamName: streams.log },
          timeout: requestTimeoutMs,
        });
        this.#enter(partition, 'ok');
        return stored.seq;
      } catch (error) {
        if (isFull(error)) this.#enter(partition, 'full');
        else if (isTransient(error)) this.#enter(partition, 'unreachable');
        else throw unavailable(`The log refuses a batch of ${data.length} bytes`, error);
      }
      await pause(retryDelayMs(attempt), signal);
    }
  }

  #headers(producerSequence: number) {
    const values = headers();
    values.append(logHeaders.format, String(recordFormatVersion));
    values.append(logHeaders.producer, this.#producer);
    values.append(logHeaders.producerSequence, String(producerSequence));
    return values;
  }

  #enter(partition: number, state: LogState): void {
    if (this.#partitions.get(partition) === state) return;
    this.#partitions.set(partition, state);
    this.#judge();
  }

  #judge(): void {
    const held = [...this.#partitions.values()];
    const worst: LogState =
      !this.#bus.connected || held.includes('unreachable') ? 'unreachable' : held.includes('full') ? 'full' : 'ok';
    if (worst === this.state) return;
    this.state = worst;
    for (const listener of this.#listeners) listener(worst);
  }

  onState(listener: (state: LogState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#offLink();
    this.#listeners.clear();
  }
}
