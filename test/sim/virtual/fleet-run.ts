import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import {
  FleetCore,
  fleetCheckpointFormat,
  fleetCheckpointName,
  type FleetMessage,
  type VersionedConfig,
} from '../../../processors/fleet/fleet-core.ts';
import type { Step } from '../../../processors/step.ts';
import type { Variant } from '../variant.ts';
import { atOddOffset, type LaneRun, type TakenCheckpoint } from './lane-run.ts';
import { firstFor, removedBetween, type VirtualLog } from './log.ts';
import { rebuilt } from './rebuilds.ts';

/** The product's core of the fleet over all partitions of a virtual log, in stream order. */
export class FleetCoreRun implements LaneRun {
  readonly #core: FleetCore;
  readonly #log: VirtualLog;
  readonly #variant: Variant;
  readonly #restored: boolean;
  #at: number;
  #read: FleetMessage | null = null;

  /** @param bytes the checkpoint to begin from, null: the beginning of the log. */
  constructor(log: VirtualLog, variant: Variant, bytes: Uint8Array | null) {
    this.#log = log;
    this.#variant = variant;
    this.#restored = bytes !== null;
    if (bytes === null) this.#core = new FleetCore(log.partitions);
    else {
      const decoded = fleetCheckpointFormat.decode(fleetCheckpointName, atOddOffset(bytes));
      const checkpoint = variant.restoreFleet?.(decoded) ?? decoded;
      const configs = log.configurations.map(({ version }): [number, ProcessingConfig] => [
        version,
        this.#configuration(version).config,
      ]);
      this.#core = FleetCore.restore(log.partitions, checkpoint, new Map(configs));
    }
    const next = log.messages.findIndex(({ sequence }) => sequence > this.#core.position);
    this.#at = next === -1 ? log.messages.length : next;
  }

  get atEnd(): boolean {
    return this.#at === this.#log.messages.length;
  }

  take(): Step | null {
    const stored = this.#log.messages[this.#at];
    if (stored === undefined) return null;
    if (this.#read === null) {
      const removed = removedBetween(this.#log, this.#core.position, stored.sequence);
      if (removed !== null && this.#variant.tellsGaps !== false)
        this.#core.gap('removed', removed.from, removed.until - 1);
      this.#read = this.#core.read(stored);
      if (this.#read.needs !== null) return null;
    }
    const { needs, rebuildsFrom, sequence } = this.#read;
    const next = needs === null ? null : this.#configuration(needs === 'first' ? 1 : needs);
    const change =
      next === null || rebuildsFrom === null || !this.#core.rebuilds(next.config)
        ? null
        : {
            messages: this.#log.messages,
            from: rebuildsFrom,
            until: sequence,
            before: this.#core.config!,
            after: next.config,
            elapsedUs: this.#core.elapsedUs,
            partitions: this.#log.partitions,
            first: firstFor(this.#log, sequence),
          };
    const step = this.#core.take(this.#read, next, change && rebuilt(change, null, this.#variant));
    this.#read = null;
    this.#at++;
    if (step !== null) this.#variant.step?.(step, this.#restored);
    return step;
  }

  checkpoint(): TakenCheckpoint | null {
    const checkpoint = this.#core.checkpoint();
    if (checkpoint === null) return null;
    return { position: checkpoint.position, bytes: fleetCheckpointFormat.encode(checkpoint) };
  }

  #configuration(version: number): VersionedConfig {
    const { config } = this.#log.configurations[version - 1]!;
    return { version, config: this.#variant.config?.(config) ?? config };
  }
}
