import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { streams, subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import type { Alarms } from '../alarms.ts';
import type { Figures } from '../figures.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import type { LogMessage, Step } from '../step.ts';
import { configuration, firstConfiguration, type Configuration } from './configurations.ts';
import { readBatch } from './log-batch.ts';
import { openOutputs, type Outputs } from './outputs.ts';
import { Producers } from './producers.ts';
import { Synchronous } from './synchronous.ts';
import { checkpointFormat, checkpointName } from './worker-checkpoint.ts';

/** A checkpoint is due after either of these: going over the log again from one takes less than 2 s. */
const checkpointEveryMs = 5_000;
/** And takes at most a twentieth of the time: a large fleet's state costs more than the readings it saves. */
const checkpointPauses = 20;
const checkpointReadingsMax = 200_000;
const restingSaveEveryMs = 1_000;
/** Messages that are there already are taken without a pause; timers and other partitions get their turn so often. */
const turnMaxMs = 10;
/** A last checkpoint at a stop may take so long; without it the next start goes over a little more. */
const lastCheckpointMaxMs = 5_000;

/** What a worker's runs share. */
export interface PartitionContext {
  readonly bus: Bus;
  readonly partition: number;
  readonly partitions: number;
  readonly checkpoints: Checkpoints;
  readonly alarms: Alarms;
  readonly figures: Figures;
  readonly live: LiveFeed | null;
  /** For tests, which do not wait for the usual ones. */
  readonly checkpointEveryMs?: number;
  /** Told where the run stands, after each message. */
  readonly onMessage: (message: StreamMessage, pipeline: Pipeline) => void;
  /** Told what a run begins from, when it is a checkpoint. */
  readonly onRestored?: (nowUs: number, pipeline: Pipeline) => void;
  /** Told the position of each checkpoint loaded and saved. */
  readonly onSaved: (position: number) => void;
}

/** One run of a partition's worker: from its checkpoint until the signal, or a failure. */
export async function runPartition(context: PartitionContext, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const outputs = await openOutputs(context.bus, context.partition, signal);
  // A writer that was fenced ends the run, also while it waits for the log.
  outputs.failed.catch((error: unknown) => stop.abort(error));
  try {
    const run = await PartitionRun.restore(context, outputs, (error) => stop.abort(error));
    await run.follow(ended);
    if (stop.signal.aborted) throw stop.signal.reason;
    await saveLast(run);
  } finally {
    stop.abort();
    outputs.close();
  }
}

/** Best effort within its time. */
async function saveLast(run: PartitionRun): Promise<void> {
  const enough = new AbortController();
  const timeUp = wait(lastCheckpointMaxMs, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([run.saveLast(), timeUp]);
  enough.abort();
}

/** A pipeline under a configuration, with the synchronous way into it. */
interface Engine {
  readonly pipeline: Pipeline;
  readonly steps: Synchronous<LogMessage, Step>;
}

class PartitionRun {
  readonly #context: PartitionContext;
  readonly #outputs: Outputs;
  readonly #producers: Producers;
  #engine: Engine | null = null;
  #configVersion = 0;
  #position = 0;
  #savedPosition = 0;
  #nowUs = 0;
  #savedAtMs = performance.now();
  #pauseMs = 0;
  #readingsSinceSave = 0;
  #saving: Promise<void> | null = null;
  /** A message is half taken: its producer is noted, its configuration perhaps still on its way. No state then. */
  #taking = false;
  readonly #fail: (error: unknown) => void;

  /** Starts where the last checkpoint was taken; without one, afresh at the beginning of the log. */
  static async restore(
    context: PartitionContext,
    outputs: Outputs,
    fail: (error: unknown) => void,
  ): Promise<PartitionRun> {
    const name = checkpointName(context.partition);
    const bytes = await context.checkpoints.load(name);
    if (bytes === null) return new PartitionRun(context, outputs, new Producers(), fail);
    const checkpoint = checkpointFormat.decode(name, bytes);
    const run = new PartitionRun(context, outputs, new Producers(checkpoint.producers), fail);
    run.#position = run.#savedPosition = checkpoint.position;
    run.#nowUs = checkpoint.nowUs;
    const { pipeline } = run.#start(await configuration(context.bus, checkpoint.configVersion), checkpoint.pipeline);
    context.onRestored?.(checkpoint.nowUs, pipeline);
    context.onSaved(checkpoint.position);
    return run;
  }

  private constructor(
    context: PartitionContext,
    outputs: Outputs,
    producers: Producers,
    fail: (error: unknown) => void,
  ) {
    this.#context = context;
    this.#outputs = outputs;
    this.#producers = producers;
    this.#fail = fail;
  }

  #start({ version, config, customs }: Configuration, restored: unknown): Engine {
    const { partition, partitions } = this.#context;
    const pipeline = createPipeline({ config, partition, partitions, customs, restored });
    this.#engine = { pipeline, steps: new Synchronous(pipeline.operator) };
    this.#configVersion = version;
    this.#context.live?.show(pipeline, this.#position, this.#nowUs);
    return this.#engine;
  }

  /** Takes message after message, in order, until the signal. */
  async follow(signal: AbortSignal): Promise<void> {
    const { bus, partition } = this.#context;
    const log = readStream(bus, {
      stream: streams.log,
      subject: subjects.log(partition),
      after: this.#position,
      signal,
      onGap: (from, to) => this.#reportGap(from, to),
    });
    // While no message comes, what was processed last is saved too: the log is kept from the saved position on.
    const resting = setInterval(() => this.#saveIfDue(), restingSaveEveryMs);
    let turnBeganMs = performance.now();
    try {
      for await (const message of log) {
        this.#taking = true;
        await this.#take(message);
        this.#taking = false;
        this.#saveIfDue();
        if (this.#outputs.full) await this.#outputs.room();
        if (performance.now() - turnBeganMs < turnMaxMs) continue;
        await nextTurn();
        turnBeganMs = performance.now();
        if (signal.aborted) return;
      }
    } finally {
      clearInterval(resting);
    }
  }

  async #take(message: StreamMessage): Promise<void> {
    const { bus, partition, alarms, figures, live, onMessage } = this.#context;
    const batch = readBatch(message, this.#producers);
    if (batch.missing > 0)
      alarms.happened(
        'producer-gap',
        `${batch.missing} batches of ${batch.producer} never reached partition ${partition} (before sequence ${message.sequence}).`,
      );
    const engine = this.#engine ?? this.#start(await firstConfiguration(bus, partition, message.sequence), null);
    const control = batch.records.find((record) => record.kind === 'control');
    if (control !== undefined && control.version !== this.#configVersion) {
      const { version, config, customs } = await configuration(bus, control.version);
      engine.pipeline.reconfigure(config, customs);
      this.#configVersion = version;
    }
    if (!batch.repeated) {
      const step = engine.steps.push({
        partition,
        sequence: message.sequence,
        nowUs: message.timeUs,
        records: batch.records,
      });
      for (const failure of step.failures)
        alarms.happened('processor-failed', `Processor ${failure.processor}: ${failure.message}`);
      const transitions = this.#outputs.write(step);
      live?.add(step, transitions);
      figures.count(step, Date.now() - message.timeUs / 1000, performance.now());
      this.#readingsSinceSave += step.readings.length;
    }
    this.#position = message.sequence;
    this.#nowUs = message.timeUs;
    onMessage(message, engine.pipeline);
  }

  #reportGap(from: number, to: number): void {
    const { partition, alarms } = this.#context;
    alarms.happened(
      'log-gap',
      `Partition ${partition}: log messages ${from} to ${to} were removed before they were read.`,
    );
  }

  #saveIfDue(): void {
    if (this.#taking || this.#saving !== null || this.#position === this.#savedPosition) return;
    const everyMs = this.#context.checkpointEveryMs ?? checkpointEveryMs;
    const due =
      performance.now() - this.#savedAtMs >= Math.max(everyMs, this.#pauseMs) ||
      this.#readingsSinceSave >= checkpointReadingsMax;
    if (!due) return;
    this.#saving = this.#save()
      .catch(this.#fail)
      .finally(() => (this.#saving = null));
  }

  /**
   * The state is taken now, between two messages; it is stored once every output up to here is, so that a restart from
   * it can only repeat outputs, which their subjects suppress, and never miss one.
   */
  async #save(): Promise<void> {
    const { partition, checkpoints, figures, onSaved } = this.#context;
    if (this.#engine === null) return;
    const position = this.#position;
    const beganMs = performance.now();
    const bytes = checkpointFormat.encode({
      position,
      nowUs: this.#nowUs,
      producers: this.#producers.snapshot(),
      configVersion: this.#configVersion,
      pipeline: this.#engine.pipeline.snapshot(),
    });
    this.#savedAtMs = performance.now();
    // The others' messages wait while it is taken; storing it goes on beside them.
    this.#pauseMs = checkpointPauses * (this.#savedAtMs - beganMs);
    this.#readingsSinceSave = 0;
    await this.#outputs.drained();
    await checkpoints.save(checkpointName(partition), bytes);
    figures.checkpoints++;
    this.#savedPosition = position;
    onSaved(position);
  }

  async saveLast(): Promise<void> {
    await this.#saving;
    await this.#save();
  }
}
