import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { streams, subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import type { Log } from '../../infra/log.ts';
import type { Alarms } from '../alarms.ts';
import { EncodingRoom } from '../checkpoint-codec.ts';
import { CheckpointTiming } from '../checkpoint-timing.ts';
import type { Figures } from '../figures.ts';
import type { LifeService } from '../life/life-service.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import type { Pipeline } from '../pipeline.ts';
import { configuration, firstConfiguration } from './configurations.ts';
import { rebuiltFor } from './rebuild-state.ts';
import { failureText } from '../custom/failure-text.ts';
import { openOutputs, type Outputs } from './outputs.ts';
import { DeviceFlood } from './device-flood.ts';
import { sendRebirthRequests } from './rebirth-requests.ts';
import { keepIsDue, keptName } from './kept-checkpoints.ts';
import { checkpointFormat, checkpointName, type WorkerCheckpoint } from './worker-checkpoint.ts';
import { WorkerCore, type TakenMessage } from './worker-core.ts';

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
  readonly log: Log;
  readonly figures: Figures;
  readonly live: LiveFeed | null;
  readonly life?: LifeService;
  /** Of the lease it runs under: awaited before anything is published. */
  readonly confirmed?: (() => Promise<void>) | undefined;
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
  const outputs = await openOutputs(context.bus, context.partition, signal, context.confirmed);
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

/** The edge around a worker's core: reads, fetches configurations, writes, and times the checkpoints. */
class PartitionRun {
  readonly #context: PartitionContext;
  readonly #outputs: Outputs;
  readonly #core: WorkerCore;
  #savedPosition: number;
  readonly #timing: CheckpointTiming;
  #saving: Promise<void> | null = null;
  /** The log's clock at the last checkpoint that is kept. */
  #keptAtUs: number;
  readonly #fail: (error: unknown) => void;
  readonly #flood: DeviceFlood;
  /** A checkpoint is taken when the last one is stored. */
  readonly #encoding = new EncodingRoom();

  /** Starts where the last checkpoint was taken; without one, afresh at the beginning of the log. */
  static async restore(
    context: PartitionContext,
    outputs: Outputs,
    fail: (error: unknown) => void,
  ): Promise<PartitionRun> {
    const name = checkpointName(context.partition);
    const bytes = await context.checkpoints.load(name);
    if (bytes === null) return new PartitionRun(context, outputs, new WorkerCore(context), fail);
    const checkpoint = checkpointFormat.decode(name, bytes);
    const core = WorkerCore.restore(context, checkpoint, await configuration(context.bus, checkpoint.configVersion));
    const run = new PartitionRun(context, outputs, core, fail);
    run.#show();
    context.onRestored?.(core.nowUs, core.pipeline!);
    context.onSaved(core.position);
    return run;
  }

  private constructor(context: PartitionContext, outputs: Outputs, core: WorkerCore, fail: (error: unknown) => void) {
    this.#context = context;
    this.#outputs = outputs;
    this.#core = core;
    this.#savedPosition = core.position;
    this.#timing = new CheckpointTiming(() => performance.now(), context.checkpointEveryMs);
    // One more an hour for each restart would be no harm, but none is needed.
    this.#keptAtUs = core.nowUs;
    this.#fail = fail;
    this.#flood = new DeviceFlood(context.partition, context.alarms);
  }

  #show(): void {
    const { pipeline, position, nowUs } = this.#core;
    this.#context.live?.show(pipeline!, position, nowUs);
    this.#context.life?.show(pipeline!, () => this.#core.config);
  }

  /** Takes message after message, in order, until the signal. */
  async follow(signal: AbortSignal): Promise<void> {
    const { bus, partition } = this.#context;
    const log = readStream(bus, {
      stream: streams.log,
      subject: subjects.log(partition),
      after: this.#core.position,
      signal,
      onGap: (from, to) => this.#reportGap(from, to),
    });
    // While no message comes, what was processed last is saved too: the log is kept from the saved position on.
    const resting = setInterval(() => this.#saveIfDue(), restingSaveEveryMs);
    let turnBeganMs = performance.now();
    try {
      for await (const message of log) {
        await this.#take(message, signal);
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

  async #take(message: StreamMessage, signal: AbortSignal): Promise<void> {
    const { bus, partition, onMessage } = this.#context;
    if (this.#core.pipeline === null) {
      this.#core.start(await firstConfiguration(bus, partition, message.sequence));
      this.#show();
    }
    const read = this.#core.read(message);
    // Until its configuration is there the message has changed nothing: a checkpoint taken meanwhile is one before it.
    const next = read.needs === null ? null : await configuration(bus, read.needs);
    const rebuilt = next === null ? null : await rebuiltFor(this.#context, this.#core, read, next, signal);
    this.#pass(this.#core.take(read, next, rebuilt), message);
    onMessage(message, this.#core.pipeline!);
  }

  /** Hands on what a message brought. */
  #pass({ step, missing, producer }: TakenMessage, { sequence, timeUs }: StreamMessage): void {
    const { partition, alarms, figures, live, life, bus } = this.#context;
    if (missing > 0)
      alarms.happened(
        'producer-gap',
        `${missing} batches of ${producer} never reached partition ${partition} (before sequence ${sequence}).`,
      );
    if (step === null) return;
    for (const { transform, notFinite } of step.tallies)
      if (notFinite > 0)
        alarms.set(
          `transform-${transform}`,
          `Transform ${transform} gave no finite number for some readings (division by zero?): the field is left out of them. How many is in the metrics.`,
        );
    for (const failure of step.failures) alarms.happened('processor-failed', failureText(failure));
    const transitions = this.#outputs.write(step);
    this.#flood.look(step, this.#core.pipeline!, this.#core.config!.topics, performance.now());
    live?.add(step, transitions);
    life?.passed(step);
    sendRebirthRequests(bus, this.#context.log, step, Date.now());
    figures.count(step, Date.now() - timeUs / 1000, performance.now());
    this.#timing.read(step.readings.length);
  }

  #reportGap(from: number, to: number): void {
    this.#core.gap(from, to);
    const { partition, alarms } = this.#context;
    alarms.happened(
      'log-gap',
      `Partition ${partition}: log messages ${from} to ${to} were removed before they were read.`,
    );
  }

  #saveIfDue(): void {
    if (this.#saving !== null || this.#core.position === this.#savedPosition) return;
    if (!this.#timing.isDue) return;
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
    const taken = this.#timing.take(() => {
      const checkpoint = this.#core.checkpoint();
      return checkpoint && { checkpoint, bytes: checkpointFormat.encode(checkpoint, this.#encoding) };
    });
    if (taken === null) return;
    const { checkpoint, bytes } = taken;
    const { position } = checkpoint;
    await this.#outputs.drained();
    await checkpoints.save(checkpointName(partition), bytes);
    await this.#keepIfDue(checkpoint, bytes);
    figures.checkpoints++;
    this.#savedPosition = position;
    onSaved(position);
  }

  /** The first of each hour is kept under a name of its own. */
  async #keepIfDue({ position, nowUs }: WorkerCheckpoint, bytes: Uint8Array): Promise<void> {
    if (!keepIsDue(nowUs, this.#keptAtUs)) return;
    const { partition, checkpoints } = this.#context;
    await checkpoints.keep(keptName(partition, position), bytes);
    this.#keptAtUs = nowUs;
  }

  async saveLast(): Promise<void> {
    await this.#saving;
    await this.#save();
  }
}
