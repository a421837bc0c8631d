import { setTimeout as wait } from 'node:timers/promises';
import type { DevicesPage, DevicesQuery, LiveBatch } from '../../../events/live.ts';
import { subjects } from '../../../events/subjects.ts';
import type { Bus } from '../../../infra/bus/connection.ts';
import { requestCore, subscribeCore } from '../../../infra/bus/core.ts';
import type { Log } from '../../../infra/log.ts';
import type { DeviceMirror } from './device-mirror.ts';

const requestTimeoutMs = 2_000;
const retryMs = 1_000;

export interface DeviceFeedOptions {
  readonly bus: Bus;
  readonly partitions: number;
  readonly mirror: DeviceMirror;
  readonly log: Log;
  readonly onBatch: (batch: LiveBatch) => void;
}

/** Brings the workers' devices into the mirror: follows the live feed, and pages through what went before. */
export class DeviceFeed implements AsyncDisposable {
  readonly #options: DeviceFeedOptions;
  readonly #wanted = new Set<number>();
  readonly #stop = new AbortController();
  readonly #ends: (() => void)[];
  #running: Promise<void> | null = null;

  constructor(options: DeviceFeedOptions) {
    this.#options = options;
    const { bus } = options;
    this.#ends = [
      subscribeCore(bus, 'live.*', (data) => this.#receive(data)),
      // What was said while the link was down is lost.
      bus.onLink((connected) => connected && this.resyncAll()),
    ];
    this.resyncAll();
  }

  /** All partitions were read to the end and nothing was missed since. */
  get synced(): boolean {
    return this.#wanted.size === 0;
  }

  resyncAll(): void {
    for (let partition = 0; partition < this.#options.partitions; partition++) this.resync(partition);
  }

  resync(partition: number): void {
    if (partition >= this.#options.partitions) return;
    this.#wanted.add(partition);
    this.#running ??= this.#run().finally(() => (this.#running = null));
  }

  /** One device with its ledger, from its worker. @throws LOG_UNAVAILABLE when that does not answer. */
  async ask(partition: number, key: string): Promise<DevicesPage> {
    const query: DevicesQuery = { key };
    return this.#request(partition, query);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) end();
    this.#stop.abort();
    await this.#running;
  }

  #receive(data: Uint8Array): void {
    let batch: LiveBatch;
    try {
      batch = parse(data) as LiveBatch;
    } catch (error) {
      return this.#options.log.warn({ err: error }, 'a message of the live feed is no JSON');
    }
    if (this.#options.mirror.applyBatch(batch) === 'resync') this.resync(batch.partition);
    this.#options.onBatch(batch);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#wanted.size > 0 && !signal.aborted) {
      let failed = false;
      // A copy: a partition that fails is wanted again at once, and tried in the next round.
      for (const partition of Array.from(this.#wanted)) {
        try {
          await this.#page(partition, signal);
        } catch (error) {
          failed = true;
          this.#options.log.debug({ err: error, partition }, 'devices not read yet');
        }
      }
      // A worker that starts, or is away: until it answers.
      if (failed) await wait(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #page(partition: number, signal: AbortSignal): Promise<void> {
    this.#wanted.delete(partition);
    try {
      let after: string | null = '';
      while (after !== null && !signal.aborted) {
        const query: DevicesQuery = after === '' ? {} : { after };
        const page: DevicesPage = await this.#request(partition, query);
        this.#options.mirror.applyPage(page);
        after = page.next;
      }
    } catch (error) {
      this.#wanted.add(partition);
      throw error;
    }
  }

  async #request(partition: number, query: DevicesQuery): Promise<DevicesPage> {
    const { bus } = this.#options;
    const answer = await requestCore(bus, subjects.queryDevices(partition), JSON.stringify(query), requestTimeoutMs);
    return parse(answer) as DevicesPage;
  }
}

const decoder = new TextDecoder();

function parse(data: Uint8Array): unknown {
  return JSON.parse(decoder.decode(data));
}
