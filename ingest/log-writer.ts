import { Buffer } from 'node:buffer';
import { encodeRecords } from '../events/record-codec.ts';
import type { CommandRequest, LogRecord, PublishRecord } from '../events/record.ts';
import type { LogPublisher, LogState } from '../infra/bus/log-publisher.ts';
import { GroupCommit, type CommitLimits } from './group-commit.ts';
import { nextPressure, type Pressure } from './pressure.ts';

/** How long to wait after the log refused a batch for good (no rights, say) before the same batch is tried again. */
const refusedRetryMs = 1_000;

/** Tells of each batch and of each change of pressure. */
export interface WriterEvents {
  /** A batch is in the log, at this sequence, before any of its records is told. `ms`: from sending it to the answer. */
  stored(records: number, ms: number, sequence: number): void;
  pressure(present: Pressure, log: LogState): void;
  refused(partition: number, error: unknown): void;
}

interface Waiting {
  readonly record: LogRecord;
  readonly bytes: number;
  readonly onStored: ((sequence: number) => void) | null;
}

export interface LogWriterOptions {
  readonly publisher: LogPublisher;
  readonly partitions: number;
  readonly limits: CommitLimits;
  readonly nowUs: () => number;
  readonly events: WriterEvents;
}

/** Timers and promises around the group commit: writes records to the log, batch by batch, until each is stored. */
export class LogWriter {
  pressure: Pressure = 'open';
  readonly #options: LogWriterOptions;
  readonly #commit: GroupCommit<Waiting>;
  readonly #sequences: number[];
  readonly #timers: (NodeJS.Timeout | null)[];
  readonly #stopped = new AbortController();
  readonly #offState: () => void;
  #idle: (() => void)[] = [];

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#commit = new GroupCommit(options.partitions, options.limits);
    this.#sequences = Array.from({ length: options.partitions }, () => 0);
    this.#timers = Array.from({ length: options.partitions }, () => null);
    this.#offState = options.publisher.onState(() => this.#judge());
  }

  /** Records not yet stored. */
  get waiting(): number {
    return this.#commit.waitingRecords;
  }

  get ticksDropped(): number {
    return this.#commit.ticksDropped;
  }

  /** The cap is reached: what nobody waits for (QoS 0) is to be dropped by the caller. */
  get atCap(): boolean {
    return this.#commit.atCap;
  }

  /** `onStored` is called once, when the log has the record: with the sequence of its message. */
  append(partition: number, record: LogRecord, onStored: ((sequence: number) => void) | null = null): void {
    if (this.#stopped.signal.aborted) return;
    const nowMs = this.#nowMs();
    this.#commit.add(partition, { record, bytes: recordBytes(record), onStored }, nowMs);
    if (this.#commit.atCap) this.#judge();
    this.#arrange(partition, nowMs);
  }

  appendToAll(record: LogRecord): void {
    for (let partition = 0; partition < this.#options.partitions; partition++) this.append(partition, record);
  }

  /** One tick to each partition, in this second or never. */
  tick(instance: string): void {
    const atUs = this.#options.nowUs();
    const record: LogRecord = { kind: 'tick', instance, atUs };
    for (let partition = 0; partition < this.#options.partitions; partition++) {
      this.#commit.addTick(partition, { record, bytes: recordBytes(record), onStored: null }, atUs / 1000);
      this.#arrange(partition, atUs / 1000);
    }
  }

  /** Resolves when everything is stored, or after `timeoutMs`. @returns how many records still wait. */
  async flush(timeoutMs: number): Promise<number> {
    if (this.waiting > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      this.#idle.push(resolve);
      await promise;
      clearTimeout(timer);
    }
    return this.waiting;
  }

  /** Gives up what still waits. Whoever was not acknowledged sends again. */
  stop(): void {
    this.#stopped.abort(new DOMException('The writer is stopped.', 'AbortError'));
    this.#offState();
    for (const timer of this.#timers) if (timer !== null) clearTimeout(timer);
  }

  #nowMs(): number {
    return this.#options.nowUs() / 1000;
  }

  /** Sends what is due, or sees that it is sent when it becomes due. */
  #arrange(partition: number, nowMs: number): void {
    const dueMs = this.#commit.dueMs(partition, nowMs);
    if (dueMs === null) return;
    const planned = this.#timers[partition];
    if (dueMs <= nowMs) this.#send(partition, nowMs);
    else if (!planned) this.#timers[partition] = setTimeout(() => this.#send(partition, this.#nowMs()), dueMs - nowMs);
  }

  #send(partition: number, nowMs: number): void {
    const planned = this.#timers[partition];
    if (planned) clearTimeout(planned);
    this.#timers[partition] = null;
    if (this.#stopped.signal.aborted || this.#commit.dueMs(partition, nowMs) === null) return;
    const batch = this.#commit.take(partition, nowMs);
    if (batch.length === 0) return;
    void this.#store(partition, encodeRecords(batch.map(({ record }) => record)), performance.now());
  }

  async #store(partition: number, data: Uint8Array, sentMs: number): Promise<void> {
    const producerSequence = ++this.#sequences[partition]!;
    let stored: number;
    const { signal } = this.#stopped;
    for (;;) {
      try {
        stored = await this.#options.publisher.publish(partition, data, producerSequence, signal);
        break;
      } catch (error) {
        if (signal.aborted) return;
        // Never given up: the same bytes under the same sequence, until an operator has mended what is wrong.
        this.#options.events.refused(partition, error);
        await new Promise((resolve) => setTimeout(resolve, refusedRetryMs));
      }
    }
    const batch = this.#commit.stored(partition);
    this.#options.events.stored(batch.length, performance.now() - sentMs, stored);
    this.#arrange(partition, this.#nowMs());
    for (const { onStored } of batch) onStored?.(stored);
    if (this.pressure !== 'open') this.#judge();
    if (this.waiting === 0) this.#tellIdle();
  }

  #tellIdle(): void {
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  #judge(): void {
    const { publisher, limits, events } = this.#options;
    const { waitingRecords, waitingBytes, atCap } = this.#commit;
    const relieved = waitingRecords <= limits.waitingRecordsMax / 2 && waitingBytes <= limits.waitingBytesMax / 2;
    const next = nextPressure(this.pressure, { log: publisher.state, atCap, relieved });
    if (next === this.pressure) return;
    this.pressure = next;
    events.pressure(next, publisher.state);
  }
}

/** Size of a record in the container: its texts and payload, and what frames them. */
function recordBytes(record: LogRecord): number {
  switch (record.kind) {
    case 'publish':
      return (
        48 +
        textBytes(record.client) +
        record.connection.length +
        textBytes(record.topic) +
        record.payload.length +
        traceBytes(record.trace)
      );
    case 'connect':
    case 'disconnect':
      return 32 + textBytes(record.client) + record.connection.length;
    case 'tick':
      return 24 + textBytes(record.instance);
    case 'control':
    case 'life':
      return 96;
    case 'passed':
      return 96 + recordBytes(record.record) + (record.as === undefined ? 0 : JSON.stringify(record.as).length);
    case 'command':
      return 96 + textBytes(record.device) + textBytes(record.detail) + requestBytes(record.request);
  }
}

function requestBytes(request: CommandRequest | undefined): number {
  return request === undefined ? 0 : 64 + textBytes(request.topic) + request.payload.length;
}

function traceBytes(trace: PublishRecord['trace']): number {
  return trace === undefined ? 0 : 8 + trace.traceparent.length + (trace.tracestate?.length ?? 0);
}

function textBytes(text: string): number {
  return Buffer.byteLength(text);
}
