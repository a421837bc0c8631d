import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeRecords } from '../../events/record-codec.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { createLogPublisher, type LogPublisher } from '../../infra/bus/log-publisher.ts';
import { MillraceError } from '../../infra/errors.ts';
import type { PassedOn } from './passing.ts';

/** Records that wait to be stored in one partition, and their bytes; at either the worker stops reading. */
const pendingMax = 10_000;
const pendingBytesMax = 16 * 1024 * 1024;
const batchRecordsMax = 512;
const batchBytesMax = 256 * 1024;

interface Waiting {
  readonly item: PassedOn;
  readonly bytes: number;
}

/** One partition that is passed on to. */
interface Lane {
  readonly queue: Waiting[];
  bytes: number;
  written: number;
  stored: number;
  sequence: number;
  isPublishing: boolean;
}

export interface PassWriterOptions {
  /** Of the lease it runs under: awaited before each publish. */
  readonly confirmed?: (() => Promise<void>) | undefined;
}

/**
 * Appends to the logs of other partitions what a worker passes on, as another producer of them beside ingest: in order, one
 * batch of a partition in flight, until it is stored. A worker that goes over its log again appends it again: who reads
 * there knows it by where it comes from. So does a worker that has lost its lease and does not know it yet: it appends no
 * more than the next one, in the same order.
 */
export class PassWriter {
  readonly failed: Promise<never>;
  readonly #options: PassWriterOptions;
  readonly #publisher: LogPublisher;
  readonly #lanes = new Map<number, Lane>();
  readonly #closing = new AbortController();
  #reject: (error: Error) => void = () => {};
  #waiters: { readonly done: () => boolean; readonly resolve: () => void }[] = [];

  constructor(bus: Bus, options: PassWriterOptions) {
    this.#options = options;
    this.#publisher = createLogPublisher(bus, { producer: `pass-${randomBytes(9).toString('base64url')}` });
    this.failed = new Promise<never>((_, reject) => (this.#reject = reject));
    this.failed.catch(() => undefined);
  }

  write(items: readonly PassedOn[]): void {
    for (const item of items) {
      const lane = this.#laneOf(item.partition);
      const bytes = bytesOf(item);
      lane.queue.push({ item, bytes });
      lane.bytes += bytes;
      lane.written++;
      if (!lane.isPublishing && !this.#closing.signal.aborted) void this.#publishAll(item.partition, lane);
    }
  }

  get full(): boolean {
    for (const { queue, bytes } of this.#lanes.values())
      if (queue.length >= pendingMax || bytes >= pendingBytesMax) return true;
    return false;
  }

  /** Resolves when it is not (or no longer) full. Rejects as `failed`. */
  room(): Promise<void> {
    return this.#when(() => !this.full);
  }

  /** Resolves when all that was written before the call is stored. Rejects as `failed`. */
  drained(): Promise<void> {
    const targets = [...this.#lanes.values()].map((lane) => [lane, lane.written] as const);
    return this.#when(() => targets.every(([lane, written]) => lane.stored >= written));
  }

  close(): void {
    const closed = new MillraceError('LOG_UNAVAILABLE', 'What is passed on to other partitions was closed.');
    this.#closing.abort(closed);
    this.#reject(closed);
    this.#publisher.close();
  }

  #laneOf(partition: number): Lane {
    let lane = this.#lanes.get(partition);
    if (lane === undefined)
      this.#lanes.set(
        partition,
        (lane = { queue: [], bytes: 0, written: 0, stored: 0, sequence: 0, isPublishing: false }),
      );
    return lane;
  }

  #when(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return Promise.race([new Promise<void>((resolve) => this.#waiters.push({ done, resolve })), this.failed]);
  }

  async #publishAll(partition: number, lane: Lane): Promise<void> {
    lane.isPublishing = true;
    const { signal } = this.#closing;
    try {
      // What comes of the same message travels together.
      await nextTurn();
      while (lane.queue.length > 0) {
        const batch = nextBatch(lane.queue);
        const data = encodeRecords(batch.map(({ item }) => item.record));
        await this.#options.confirmed?.();
        await this.#publisher.publish(partition, data, ++lane.sequence, signal);
        lane.queue.splice(0, batch.length);
        for (const { bytes } of batch) lane.bytes -= bytes;
        lane.stored += batch.length;
        this.#waiters = this.#waiters.filter(({ done, resolve }) => {
          if (!done()) return true;
          resolve();
          return false;
        });
      }
    } catch (error) {
      this.#closing.abort(error);
      this.#reject(error as Error);
    } finally {
      lane.isPublishing = false;
    }
  }
}

/** The first of those that wait: as many as one message holds, and one at least. */
function nextBatch(queue: readonly Waiting[]): readonly Waiting[] {
  let bytes = 0;
  let count = 0;
  while (count < queue.length && count < batchRecordsMax) {
    bytes += queue[count]!.bytes;
    if (count > 0 && bytes > batchBytesMax) break;
    count++;
  }
  return queue.slice(0, count);
}

/** About its size in the log. */
function bytesOf({ record: { record, as } }: PassedOn): number {
  let bytes = 256;
  if (record.kind === 'publish') bytes += record.topic.length + record.payload.length;
  if (as === undefined) return bytes;
  for (const [name, value] of Object.entries(as.fields))
    bytes += name.length + (typeof value === 'string' ? 3 * value.length : 9);
  return bytes;
}
