import type { Origin, StateChoice } from '../../events/record.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { CustomProcessor } from '../custom/load.ts';
import type { RebuiltState, StateChange } from '../change/state-change.ts';
import type { FoundGap } from '../gaps/gap-book.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import type { LogMessage, Step } from '../step.ts';
import { lookAtBatch, type LogBatch, type StoredBatch } from './log-batch.ts';
import { Producers } from './producers.ts';
import { Synchronous } from './synchronous.ts';
import type { WorkerCheckpoint } from './worker-checkpoint.ts';

/** A configuration version, ready for a pipeline. */
export interface Configuration {
  readonly version: number;
  readonly config: ProcessingConfig;
  readonly customs: readonly CustomProcessor[];
}

/** A message of the log as `WorkerCore.read` saw it. Nothing has changed yet: `take` takes it. */
export interface ReadMessage extends LogBatch {
  readonly sequence: number;
  /** The log's clock, us. */
  readonly timeUs: number;
  /** The configuration version that has to be given to `take`; null when the one in force stays. */
  readonly needs: number | null;
  /** What that does with the state of edited windows and rules. `rebuild` has to be done for `take`, too. */
  readonly choice: StateChoice;
}

/** What a message brought. */
export interface TakenMessage {
  /** Everything it gave, to be written; null for a batch that was read before. */
  readonly step: Step | null;
  /** Batches of the same producer before this one that never came. */
  readonly missing: number;
  readonly producer: string;
}

/** Which lane of the log it works on. */
export type Lane = Pick<Origin, 'partition'> & { readonly partitions: number };

/** A pipeline under a configuration, with the synchronous way into it. */
interface Engine {
  readonly pipeline: Pipeline;
  readonly steps: Synchronous<LogMessage, Step>;
  config: ProcessingConfig;
}

/**
 * A partition's worker without its surroundings: from messages of the log to what is to be written. Pure and
 * synchronous: it knows no clock, timer, promise or client, so that live, replay and simulation run the same.
 *
 *     core.start(first configuration)                    unless it was made from a checkpoint
 *     read = core.read(message)                          changes nothing
 *     taken = core.take(read, configuration `read.needs`)  all of it, at once
 *     core.checkpoint()                                  between any two takes
 *
 * Messages come in the order of the log, and each read is taken before the next one.
 */
export class WorkerCore {
  readonly #lane: Lane;
  readonly #producers: Producers;
  #engine: Engine | null = null;
  #configVersion = 0;
  /** Found since the last message that was not read before; the next one takes them along. */
  #gaps: FoundGap[] = [];
  #position = 0;
  #nowUs = 0;

  /** Without state, at the beginning of the log. */
  constructor({ partition, partitions }: Lane, producers = new Producers()) {
    this.#lane = { partition, partitions };
    this.#producers = producers;
  }

  /** @param configuration the version that the checkpoint names. @throws CHECKPOINT_UNREADABLE */
  static restore(lane: Lane, checkpoint: WorkerCheckpoint, configuration: Configuration): WorkerCore {
    const core = new WorkerCore(lane, new Producers(checkpoint.producers));
    core.#position = checkpoint.position;
    core.#nowUs = checkpoint.nowUs;
    core.#gaps = [...(checkpoint.gaps ?? [])];
    core.start(configuration, checkpoint.pipeline);
    return core;
  }

  /** Puts the first configuration in force, or the one of a checkpoint with the pipeline's state in it. */
  start({ version, config, customs }: Configuration, restored: unknown = null): void {
    const pipeline = createPipeline({ config, ...this.#lane, customs, restored });
    this.#engine = { pipeline, steps: new Synchronous(pipeline.operator), config };
    this.#configVersion = version;
  }

  /** Null before the first configuration. */
  get pipeline(): Pipeline | null {
    return this.#engine?.pipeline ?? null;
  }

  /** Stream sequence of the last message taken; 0 before the first. */
  get position(): number {
    return this.#position;
  }

  /** The log's clock at that message, us. */
  get nowUs(): number {
    return this.#nowUs;
  }

  /** Null before the first configuration. */
  get config(): ProcessingConfig | null {
    return this.#engine?.config ?? null;
  }

  get configVersion(): number {
    return this.#configVersion;
  }

  /** Judges the producer, decodes the records, and says which configuration is needed. @throws LOG_FORMAT */
  read(message: StoredBatch & { readonly timeUs: number }): ReadMessage {
    const batch = lookAtBatch(message, this.#producers);
    const control = batch.records.find((record) => record.kind === 'control');
    const needs = control === undefined || control.version <= this.#configVersion ? null : control.version;
    const choice: StateChoice = control?.state ?? { kind: 'reset' };
    return { ...batch, sequence: message.sequence, timeUs: message.timeUs, needs, choice };
  }

  /** The messages `from` to `to` of the log were removed before they were read. Call it before the message after them. */
  gap(from: number, to: number): void {
    this.#gaps.push({ cause: 'removed', from, to, messages: to - from + 1, sinceUs: this.#nowUs });
  }

  /**
   * @param next the configuration that the message needs.
   * @param rebuilt the state under it, when its choice is to rebuild. @throws PROCESSOR_FAILED
   */
  take(message: ReadMessage, next: Configuration | null, rebuilt: RebuiltState | null = null): TakenMessage {
    const engine = this.#engine;
    if (engine === null || message.needs !== (next?.version ?? null))
      throw new RangeError(`message ${message.sequence} is taken under another configuration than it needs`);
    const { producer, producerSequence, missing, repeated, records, sequence, timeUs: nowUs } = message;
    if (!repeated) this.#producers.note(producer, producerSequence);
    if (next !== null) {
      engine.pipeline.reconfigure(next.config, next.customs, changeOf(message, rebuilt));
      engine.config = next.config;
      this.#configVersion = next.version;
    }
    // After messages that were removed it is their producer that seems to have left some out.
    if (missing > 0 && this.#gaps.length === 0)
      this.#gaps.push({
        cause: 'never-arrived',
        from: sequence,
        to: sequence,
        messages: missing,
        sinceUs: this.#nowUs,
      });
    const { partition } = this.#lane;
    let step: Step | null = null;
    if (!repeated) {
      for (const gap of this.#gaps) engine.pipeline.gap(gap);
      this.#gaps = [];
      step = engine.steps.push({ partition, sequence, nowUs, records });
    }
    this.#position = sequence;
    this.#nowUs = nowUs;
    return { step, missing, producer };
  }

  /** Where it stands: everything it needs to go on as if it had never stopped. A copy. Null before the first start. */
  checkpoint(): WorkerCheckpoint | null {
    if (this.#engine === null) return null;
    const gaps = gapsBehind(this.#gaps, this.#position);
    return {
      position: this.#position,
      nowUs: this.#nowUs,
      producers: this.#producers.snapshot(),
      configVersion: this.#configVersion,
      pipeline: this.#engine.pipeline.snapshot(),
      ...(gaps.length > 0 && { gaps }),
    };
  }
}

/** Those that nobody finds again who goes on from a position: only a repeat stood behind them. */
export function gapsBehind(gaps: readonly FoundGap[], position: number): FoundGap[] {
  return gaps.filter(({ to }) => to <= position);
}

function changeOf({ choice, sequence }: ReadMessage, rebuilt: RebuiltState | null): StateChange {
  if (choice.kind !== 'rebuild') return choice;
  if (rebuilt === null) throw new RangeError(`message ${sequence} is taken without the state that it rebuilds`);
  return { kind: 'rebuild', rebuilt };
}
