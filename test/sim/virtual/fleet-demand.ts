import { parseUpTo } from '../../../infra/bus/fenced-queue.ts';
import { fleetStep, isUnfinished, type FleetDemand } from '../../../processors/fleet/demand-decision.ts';
import { fleetCheckpointFormat, fleetCheckpointName } from '../../../processors/fleet/fleet-core.ts';
import { needsFleet } from '../../../infra/config/fleet-scope.ts';
import { outputNames } from '../plan.ts';
import type { Variant } from '../variant.ts';
import type { VirtualLog } from './log.ts';
import type { VirtualServer } from './server.ts';

/** Configurations as they are published one after the other, and what they ask of the fleet's worker. */
export class VirtualDemand {
  readonly #log: VirtualLog;
  readonly #looksBack: boolean;
  /** Versions in the log, each with the first of its control records. */
  readonly #versions: readonly { readonly version: number; readonly sequence: number }[];
  #published = 0;

  constructor(log: VirtualLog, variant: Variant) {
    this.#log = log;
    this.#looksBack = variant.looksBack !== false;
    const controls = log.messages.flatMap(({ sequence, records }) =>
      records.flatMap((record) => (record.kind === 'control' ? [{ version: record.version, sequence }] : [])),
    );
    this.#versions = controls.filter(({ version }, i) => controls.findIndex((one) => one.version === version) === i);
  }

  apply(): void {
    if (this.#published + 1 < this.#versions.length) this.#published++;
  }

  applyAll(): void {
    this.#published = this.#versions.length - 1;
  }

  /** The first message that is not in the log yet. */
  get until(): number {
    return this.#versions[this.#published + 1]?.sequence ?? Infinity;
  }

  get #demand(): FleetDemand {
    const { version } = this.#versions[this.#published]!;
    return { version, isAsked: needsFleet(this.#log.configurations[version - 1]!.config) };
  }

  /** Whether a process that starts now begins a worker. */
  begins(server: VirtualServer): boolean {
    if (!this.#looksBack) return fleetStep(null, this.#demand, false) === 'begin';
    const lastAlert = parseUpTo(server.last(outputNames.indexOf('alerts'))?.upTo);
    const kept = server.checkpoint;
    if (kept === null) return fleetStep(null, this.#demand, isUnfinished(null, lastAlert)) === 'begin';
    const { position, configVersion } = fleetCheckpointFormat.decode(fleetCheckpointName, kept.bytes);
    const { config } = this.#log.configurations[configVersion - 1]!;
    return fleetStep(null, this.#demand, isUnfinished({ position, config }, lastAlert)) === 'begin';
  }

  /** Whether one that has come so far ends. */
  ends(configVersion: number): boolean {
    return fleetStep({ configVersion }, this.#demand, true) === 'end';
  }
}
