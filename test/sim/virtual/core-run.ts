import type { Step } from '../../../processors/step.ts';
import { checkpointFormat } from '../../../processors/worker/worker-checkpoint.ts';
import { WorkerCore, type Configuration, type ReadMessage } from '../../../processors/worker/worker-core.ts';
import type { Variant } from '../variant.ts';
import { atOddOffset, type LaneRun, type TakenCheckpoint } from './lane-run.ts';
import { firstFor, removedBetween, type VirtualLog, type VirtualMessage } from './log.ts';
import { rebuilt } from './rebuilds.ts';

/** The product's core over one partition of a virtual log, message by message. */
export class CoreRun implements LaneRun {
  readonly core: WorkerCore;
  readonly #log: VirtualLog;
  readonly #messages: readonly VirtualMessage[];
  readonly #variant: Variant;
  readonly #partition: number;
  readonly #restored: boolean;
  #at: number;
  /** Read, and waiting for its configuration. */
  #read: ReadMessage | null = null;

  /** @param bytes the checkpoint to begin from, null: the beginning of the log. */
  constructor(log: VirtualLog, partition: number, variant: Variant, bytes: Uint8Array | null) {
    this.#log = log;
    this.#messages = log.of(partition);
    this.#variant = variant;
    this.#partition = partition;
    this.#restored = bytes !== null;
    const lane = { partition, partitions: log.partitions };
    if (bytes === null) {
      this.core = new WorkerCore(lane);
      this.core.start(this.#configuration(1));
    } else {
      const decoded = checkpointFormat.decode(`worker.${partition}`, atOddOffset(bytes));
      const checkpoint = variant.restore?.(decoded) ?? decoded;
      this.core = WorkerCore.restore(lane, checkpoint, this.#configuration(checkpoint.configVersion));
    }
    const next = this.#messages.findIndex(({ sequence }) => sequence > this.core.position);
    this.#at = next === -1 ? this.#messages.length : next;
  }

  #configuration(version: number): Configuration {
    const stored = this.#log.configurations[version - 1]!;
    const { config } = this.#variant;
    return config === undefined ? stored : { ...stored, config: config(stored.config) };
  }

  get atEnd(): boolean {
    return this.#at === this.#messages.length;
  }

  /** Takes the next message; null: there is none, it was a repeat, or it was read and its configuration is fetched. */
  take(): Step | null {
    const stored = this.#messages[this.#at];
    if (stored === undefined) return null;
    if (this.#read === null) {
      const removed = removedBetween(this.#log, this.core.position, stored.sequence);
      if (removed !== null && this.#variant.tellsGaps !== false) this.core.gap(removed.from, removed.until - 1);
      this.#read = this.core.read(stored);
      if (this.#read.needs !== null) return null;
    }
    const { needs, choice, sequence } = this.#read;
    const next = needs === null ? null : this.#configuration(needs);
    const change =
      next === null || choice.kind !== 'rebuild'
        ? null
        : {
            messages: this.#messages,
            from: choice.from,
            until: sequence,
            before: this.core.config!,
            after: next.config,
            elapsedUs: this.core.pipeline!.elapsedUs,
            partitions: this.#log.partitions,
            first: firstFor(this.#log, sequence),
          };
    const { step } = this.core.take(this.#read, next, change && rebuilt(change, this.#partition, this.#variant));
    this.#read = null;
    this.#at++;
    if (step !== null) this.#variant.step?.(step, this.#restored);
    return step;
  }

  checkpoint(): TakenCheckpoint | null {
    const checkpoint = this.core.checkpoint();
    if (checkpoint === null) return null;
    return { position: checkpoint.position, bytes: checkpointFormat.encode(checkpoint) };
  }
}
