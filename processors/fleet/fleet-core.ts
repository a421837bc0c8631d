import type { StateChoice } from '../../events/record.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { checkpointCodec } from '../checkpoint-codec.ts';
import { resetState, withoutErased, type RebuiltState, type StateChange } from '../change/state-change.ts';
import type { FoundGap } from '../gaps/gap-book.ts';
import { createIntake, type Intake } from '../intake.ts';
import type { LogMessage, Step } from '../step.ts';
import { lookAtBatch, type LogBatch, type StoredBatch } from '../worker/log-batch.ts';
import { Producers } from '../worker/producers.ts';
import { Synchronous } from '../worker/synchronous.ts';
import { gapsBehind } from '../worker/worker-core.ts';
import { rebuildsFleet } from './fleet-rebuild.ts';
import { createFleetPipeline, type FleetPipeline, type FleetPipelineSnapshot } from './fleet-pipeline.ts';

/** Where the fleet's worker stands. */
export interface FleetCheckpoint {
  /** Stream sequence of the last message in it, whichever partition it was of. */
  readonly position: number;
  readonly nowUs: number;
  /** In force for what spans devices. */
  readonly configVersion: number;
  readonly fleet: FleetPipelineSnapshot;
  /** As in `WorkerCheckpoint`. */
  readonly gaps?: readonly FoundGap[];
  readonly lanes: readonly (readonly [partition: number, lane: LaneState])[];
}

interface LaneState {
  readonly producers: readonly (readonly [string, number])[];
  readonly configVersion: number;
  /** `Intake.snapshot()`. */
  readonly intake: unknown;
}

export const fleetCheckpointName = 'worker.fleet';
export const fleetCheckpointFormat = checkpointCodec<FleetCheckpoint>(2);

/** A message of any partition as `read` saw it. Nothing has changed yet. */
export interface FleetMessage extends LogBatch {
  readonly partition: number;
  readonly sequence: number;
  readonly timeUs: number;
  /** What `take` has to be given: a version, the one in force in this partition here, or nothing. */
  readonly needs: number | 'first' | null;
  /** What that does with the state of edited windows and rules. */
  readonly choice: StateChoice;
  /** The first message of the stretch that `take` may have to be given what it rebuilds of; null when of none. */
  readonly rebuildsFrom: number | null;
}

export interface VersionedConfig {
  readonly version: number;
  readonly config: ProcessingConfig;
}

interface Lane {
  readonly producers: Producers;
  readonly intake: Intake;
  readonly steps: Synchronous<LogMessage, Step>;
  configVersion: number;
}

/**
 * The fleet's worker without its surroundings: messages of all partitions in stream order, through an intake for each
 * partition, into what spans devices. Pure and synchronous, as `WorkerCore` is. Each intake switches to another
 * configuration at its own partition's control record, the rest at that of partition 0.
 */
export class FleetCore {
  readonly #partitions: number;
  readonly #lanes = new Map<number, Lane>();
  #fleet: FleetPipeline | null = null;
  #steps: Synchronous<Step, Step> | null = null;
  #configVersion = 0;
  #config: ProcessingConfig | null = null;
  #position = 0;
  #nowUs = 0;
  /** Found since the last message that was not read before; the next one takes them along. */
  #gaps: FoundGap[] = [];

  /** Without state, at the beginning of the log. */
  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** @param configs the versions that the checkpoint names. @throws CHECKPOINT_UNREADABLE */
  static restore(
    partitions: number,
    checkpoint: FleetCheckpoint,
    configs: ReadonlyMap<number, ProcessingConfig>,
  ): FleetCore {
    const core = new FleetCore(partitions);
    const { position, nowUs, configVersion, fleet, lanes } = checkpoint;
    core.#position = position;
    core.#nowUs = nowUs;
    core.#gaps = [...(checkpoint.gaps ?? [])];
    core.#start({ version: configVersion, config: configs.get(configVersion)! }, fleet);
    for (const [partition, { producers, configVersion: version, intake }] of lanes)
      core.#open(partition, { version, config: configs.get(version)! }, new Producers(producers), intake);
    return core;
  }

  get position(): number {
    return this.#position;
  }

  get nowUs(): number {
    return this.#nowUs;
  }

  /** The version in force for what spans devices; 0 before the first message. */
  get configVersion(): number {
    return this.#configVersion;
  }

  /** The configuration of that version; null before the first message. */
  get config(): ProcessingConfig | null {
    return this.#config;
  }

  /** The fleet's time with ticks, us. */
  get elapsedUs(): number {
    return this.#fleet?.elapsedUs ?? 0;
  }

  /** @throws LOG_FORMAT */
  read(message: StoredBatch & { readonly timeUs: number }): FleetMessage {
    const { subject, sequence, timeUs } = message;
    const partition = Number(subject.slice(subject.lastIndexOf('.') + 1));
    const lane = this.#lanes.get(partition);
    const batch = lookAtBatch(message, lane?.producers ?? new Producers());
    const control = batch.records.find((record) => record.kind === 'control');
    let needs: FleetMessage['needs'] = null;
    if (control !== undefined && (lane === undefined || control.version > lane.configVersion)) needs = control.version;
    else if (lane === undefined) needs = 'first';
    const choice = control?.state ?? { kind: 'reset' };
    const switches = partition === 0 && this.#fleet !== null && needs !== null && needs !== this.#configVersion;
    const rebuildsFrom = switches && choice.kind === 'rebuild' ? choice.from : null;
    return { ...batch, partition, sequence, timeUs, needs, choice, rebuildsFrom };
  }

  /** Whether a change to this configuration has anything to rebuild here. */
  rebuilds(next: ProcessingConfig): boolean {
    return this.#config !== null && rebuildsFleet(this.#config, next);
  }

  /**
   * @param next the configuration that it needs. @param rebuilt what its change rebuilds, null: nothing
   * @returns what it gave; null for a batch that was read before
   */
  take(message: FleetMessage, next: VersionedConfig | null, rebuilt: RebuiltState | null = null): Step | null {
    const { partition, sequence, timeUs: nowUs, records, repeated, producer, producerSequence } = message;
    if ((message.needs === null) !== (next === null))
      throw new RangeError(`message ${sequence} is taken under another configuration than it needs`);
    const lane = next === null ? this.#lanes.get(partition)! : this.#configure(message, next, rebuilt);
    if (message.missing > 0) this.gap('never-arrived', sequence, sequence, message.missing);
    this.#position = sequence;
    if (repeated) {
      this.#nowUs = nowUs;
      return null;
    }
    lane.producers.note(producer, producerSequence);
    for (const gap of this.#gaps) this.#fleet!.gap(gap);
    this.#gaps = [];
    this.#nowUs = nowUs;
    return this.#steps!.push(lane.steps.push({ partition, sequence, nowUs, records }));
  }

  /** Messages are missing before the next one. Call it before that. */
  gap(cause: 'removed' | 'never-arrived', from: number, to: number, messages = to - from + 1): void {
    if (this.#fleet !== null) this.#gaps.push({ cause, from, to, messages, sinceUs: this.#nowUs });
  }

  /** A copy of all state, between any two messages. Null before the first. */
  checkpoint(): FleetCheckpoint | null {
    if (this.#fleet === null) return null;
    const gaps = gapsBehind(this.#gaps, this.#position);
    return {
      ...(gaps.length > 0 && { gaps }),
      position: this.#position,
      nowUs: this.#nowUs,
      configVersion: this.#configVersion,
      fleet: this.#fleet.snapshot(),
      lanes: Array.from(this.#lanes, ([partition, { producers, configVersion, intake }]) => [
        partition,
        { producers: producers.snapshot(), configVersion, intake: intake.snapshot() },
      ]),
    };
  }

  #configure(message: FleetMessage, next: VersionedConfig, rebuilt: RebuiltState | null): Lane {
    const { version, config } = next;
    const { partition } = message;
    if (this.#fleet === null) this.#start(next, null);
    else if (partition === 0 && version !== this.#configVersion) {
      const change = this.#changeOf(message, config, rebuilt);
      this.#fleet.reconfigure(
        config,
        withoutErased(change, (key, sequence) => this.#isErased(key, sequence)),
      );
      this.#configVersion = version;
      this.#config = config;
    }
    const lane = this.#lanes.get(partition);
    if (lane === undefined) return this.#open(partition, next, new Producers(), null);
    lane.intake.reconfigure(config);
    lane.configVersion = version;
    return lane;
  }

  #changeOf({ choice, sequence }: FleetMessage, next: ProcessingConfig, rebuilt: RebuiltState | null): StateChange {
    if (choice.kind !== 'rebuild') return choice;
    if (rebuilt !== null) return { kind: 'rebuild', rebuilt };
    if (this.rebuilds(next)) throw new RangeError(`message ${sequence} is taken without the state that it rebuilds`);
    return resetState;
  }

  #isErased(key: string, sequence: number): boolean {
    return [...this.#lanes.values()].some(({ intake }) => intake.lives.isErased(key, sequence));
  }

  #start({ version, config }: VersionedConfig, restored: FleetPipelineSnapshot | null): void {
    this.#fleet = createFleetPipeline(config, restored);
    this.#steps = new Synchronous(this.#fleet.operator);
    this.#configVersion = version;
    this.#config = config;
  }

  #open(partition: number, { version, config }: VersionedConfig, producers: Producers, restored: unknown): Lane {
    const intake = createIntake({ config, partition, partitions: this.#partitions, restored });
    const lane = { producers, intake, steps: new Synchronous(intake.operator), configVersion: version };
    this.#lanes.set(partition, lane);
    return lane;
  }
}
