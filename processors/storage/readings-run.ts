import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Quarantined } from '../../events/quarantine.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import { getConfigVersion, versionAt } from '../../infra/bus/config-versions.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { createFencedWriter, type FencedWriter } from '../../infra/bus/fenced-writer.ts';
import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { MillraceError } from '../../infra/errors.ts';
import { createIntake, type Intake } from '../intake.ts';
import type { Arrival, LogMessage, Step } from '../step.ts';
import { readBatch } from '../worker/log-batch.ts';
import { Producers } from '../worker/producers.ts';
import { Synchronous } from '../worker/synchronous.ts';
import type { InfluxStore } from './influx-store.ts';
import { LedgerBook, type LedgerBookState } from './ledger-book.ts';
import type { LineNames } from './line-protocol.ts';
import { PointWriter } from './point-writer.ts';
import { countAnswer, quarantinedOf, readingPoints } from './reading-points.ts';
import { seriesNames } from './series-names.ts';
import { checkpointName, decodeCheckpoint, encodeCheckpoint } from './storage-checkpoint.ts';

/** A checkpoint is due after either of these, and takes at most a twentieth of the time. */
const checkpointEveryMs = 5_000;
const checkpointReadingsMax = 200_000;
const checkpointPauses = 20;
/** Messages that are there already are taken without a pause; others get their turn so often. */
const turnMaxMs = 10;
/** How long a stop waits for InfluxDB and NATS; without a last checkpoint the next start goes over a little more. */
const stopWithinMs = 3_000;
const quarantinePendingMax = 10_000;

export interface ReadingsContext {
  readonly bus: Bus;
  readonly partition: number;
  readonly partitions: number;
  readonly checkpoints: Checkpoints;
  readonly store: InfluxStore;
  /** Messages of the log were trimmed before they were stored. */
  readonly onGap: (from: number, to: number) => void;
}

interface Held {
  readonly sequence: number;
  readonly nowUs: number;
  readonly bytes: number;
  readonly quarantined: readonly Quarantined[];
}

/** The intake under a configuration, with the synchronous way into it. */
interface Engine {
  readonly intake: Intake;
  readonly steps: Synchronous<LogMessage, Step>;
  names: LineNames;
}

/**
 * Stores one partition's readings: the log from the last checkpoint, through the same intake as the worker's, to
 * InfluxDB. The position moves when InfluxDB has answered and what it refused is in quarantine. A checkpoint is taken
 * at a moment when nothing is in flight: reading waits until all that was read is answered, so state, ledger and
 * position speak of the same readings.
 */
export class ReadingsRun {
  readonly #context: ReadingsContext;
  readonly #writer: PointWriter<Held, Arrival>;
  /** Rejects with what ends the run. */
  readonly #failed = Promise.withResolvers<never>();
  #quarantine: FencedWriter | null = null;
  #producers = new Producers();
  #ledger = new LedgerBook(0);
  #engine: Engine | null = null;
  #configVersion = 0;
  #read = 0;
  #nowUs = 0;
  /** Messages of the log behind the last one read. */
  #unread = 0;
  #answered = 0;
  #answeredAtUs = 0;
  #saved = 0;
  #saving: Promise<void> | null = null;
  #saveDueMs = performance.now() + checkpointEveryMs;
  #readingsSinceSave = 0;

  constructor(context: ReadingsContext) {
    this.#context = context;
    this.#failed.promise.catch(() => {
      // Seen by whoever races with it; a run that has ended has nobody.
    });
    this.#writer = new PointWriter({
      store: context.store,
      onAnswer: (arrival, refusal) => countAnswer(arrival, refusal, this.#ledger),
      onFinished: ({ message, refused }) => {
        this.#quarantine!.write(message.sequence, quarantinedOf(message.quarantined, refused));
        this.#answered = message.sequence;
        this.#answeredAtUs = message.nowUs;
      },
    });
  }

  get ledger(): LedgerBook {
    return this.#ledger;
  }

  /** Every reading up to this sequence is answered. */
  get position(): number {
    return this.#answered;
  }

  /** What a crash would go back to. */
  get savedPosition(): number {
    return this.#saved;
  }

  /** How far what is stored is behind the log's end, ms. */
  lagMs(nowMs: number): number {
    if (this.#unread === 0 && this.#writer.held === 0) return 0;
    return Math.max(0, Math.round(nowMs - this.#answeredAtUs / 1000));
  }

  /** Runs from where it was restored until the signal is aborted. Call it once. */
  async run(signal: AbortSignal): Promise<void> {
    const { bus, partition } = this.#context;
    const subject = subjects.quarantineStorage(partition);
    const options = { stream: streams.quarantine, subject, pendingMax: quarantinePendingMax };
    const quarantine = await createFencedWriter(bus, options, signal);
    this.#quarantine = quarantine;
    quarantine.failed.catch(this.#failed.reject);
    const end = new AbortController();
    const written = this.#writer.run(end.signal);
    written.catch(this.#failed.reject);
    const followed = this.#follow(AbortSignal.any([signal, end.signal]));
    try {
      await Promise.race([followed, this.#failed.promise]);
      await Promise.race([this.#saveLast(), this.#failed.promise]);
    } finally {
      end.abort();
      quarantine.close();
      await Promise.allSettled([written, followed]);
    }
  }

  /** Takes up the last checkpoint. Call it first. */
  async restore(): Promise<void> {
    const { bus, partition, checkpoints } = this.#context;
    const name = checkpointName(partition);
    const bytes = await checkpoints.load(name);
    if (bytes === null) return;
    const saved = decodeCheckpoint(name, bytes);
    this.#producers = new Producers(saved.producers);
    this.#read = this.#answered = this.#saved = saved.position;
    this.#nowUs = this.#answeredAtUs = saved.nowUs;
    const config = await getConfigVersion(bus, saved.configVersion);
    this.#start(saved.configVersion, config, saved.intake, saved.ledger);
  }

  #start(version: number, config: ProcessingConfig, intake: unknown, ledger: LedgerBookState | undefined): Engine {
    const { partition, partitions } = this.#context;
    const started = createIntake({ config, partition, partitions, restored: intake });
    this.#engine = { intake: started, steps: new Synchronous(started.operator), names: seriesNames(config.topics) };
    this.#configVersion = version;
    this.#ledger = new LedgerBook(config.limits.devicesMax, ledger);
    return this.#engine;
  }

  /** Reads message after message, in order, until the signal. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { bus, partition, onGap } = this.#context;
    const subject = subjects.log(partition);
    let turnBeganMs = performance.now();
    for await (const message of readStream(bus, { stream: streams.log, subject, after: this.#read, signal, onGap })) {
      await this.#take(message);
      if (this.#saveIsDue()) await this.#save(signal);
      await this.#writer.room(signal);
      if (signal.aborted) return;
      if (performance.now() - turnBeganMs < turnMaxMs) continue;
      await nextTurn();
      turnBeganMs = performance.now();
    }
  }

  async #take(message: StreamMessage): Promise<void> {
    const { sequence, timeUs, data } = message;
    const batch = readBatch(message, this.#producers);
    const engine = this.#engine ?? (await this.#startAfresh(sequence));
    const control = batch.records.find((record) => record.kind === 'control');
    if (control !== undefined && control.version !== this.#configVersion) {
      const config = await getConfigVersion(this.#context.bus, control.version);
      engine.intake.reconfigure(config);
      engine.names = seriesNames(config.topics);
      this.#configVersion = control.version;
    }
    this.#read = sequence;
    this.#nowUs = timeUs;
    this.#unread = message.pending;
    const held = { sequence, nowUs: timeUs, bytes: data.length };
    if (batch.repeated) return this.#writer.add({ ...held, quarantined: [] }, []);
    const { partition } = this.#context;
    const step = engine.steps.push({ partition, sequence, nowUs: timeUs, records: batch.records });
    const { points, quarantined } = readingPoints(step, engine.names, this.#ledger);
    this.#readingsSinceSave += points.length;
    this.#writer.add({ ...held, quarantined }, points);
  }

  async #startAfresh(sequence: number): Promise<Engine> {
    const { bus, partition } = this.#context;
    const version = await versionAt(bus, partition, sequence);
    if (version === null)
      throw new MillraceError('LOG_UNAVAILABLE', `No configuration is in force in partition ${partition} of the log.`);
    return this.#start(version, await getConfigVersion(bus, version), null, undefined);
  }

  #saveIsDue(): boolean {
    if (this.#saving !== null || this.#read === this.#saved) return false;
    return performance.now() >= this.#saveDueMs || this.#readingsSinceSave >= checkpointReadingsMax;
  }

  /** Waits until all that was read is answered, takes the state, and leaves it to be saved while reading goes on. */
  async #save(signal: AbortSignal): Promise<void> {
    await this.#writer.drained(signal);
    if (signal.aborted || this.#engine === null) return;
    await Promise.race([this.#quarantine!.drained(), this.#failed.promise]);
    const beganMs = performance.now();
    const position = this.#answered;
    const bytes = encodeCheckpoint({
      position,
      nowUs: this.#answeredAtUs,
      producers: this.#producers.snapshot(),
      configVersion: this.#configVersion,
      intake: this.#engine.intake.snapshot(),
      ledger: this.#ledger.snapshot(),
    });
    this.#readingsSinceSave = 0;
    this.#saving = this.#context.checkpoints
      .save(checkpointName(this.#context.partition), bytes)
      .then(() => {
        this.#saved = position;
        const tookMs = performance.now() - beganMs;
        this.#saveDueMs = performance.now() + Math.max(checkpointEveryMs, checkpointPauses * tookMs);
      })
      .catch(this.#failed.reject)
      .finally(() => (this.#saving = null));
  }

  async #saveLast(): Promise<void> {
    const enough = AbortSignal.timeout(stopWithinMs);
    const timeUp = new Promise<void>((resolve) => enough.addEventListener('abort', () => resolve()));
    const saved = async () => {
      await this.#saving;
      if (this.#read !== this.#saved) await this.#save(enough);
      await this.#saving;
    };
    await Promise.race([saved(), timeUp]);
  }
}
