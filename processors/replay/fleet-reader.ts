import { decodeRecords } from '../../events/record-codec.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { configInForce, getConfigVersion, versionAt } from '../../infra/bus/config-versions.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import {
  FleetCore,
  fleetCheckpointFormat,
  fleetCheckpointName,
  type FleetMessage,
  type VersionedConfig,
} from '../fleet/fleet-core.ts';
import { fleetRebuiltFor } from '../fleet/rebuild-fleet.ts';
import { needsFleet } from '../../infra/config/fleet-scope.ts';
import type { Step } from '../step.ts';
import { everyLog } from '../trimmer/position-book.ts';
import { firstConfiguration } from '../worker/configurations.ts';
import { beginsLog, FirstBatches, type LaneReader, type Replayed } from './lane-reader.ts';
import type { ReaderOptions } from './partition-reader.ts';

/** Whether anything spans devices in a replay from message `from` on, under any version that is in force there. */
export async function replayNeedsFleet(bus: Bus, from: number, trial: ProcessingConfig | null): Promise<boolean> {
  if (trial !== null) return needsFleet(trial);
  const latest = (await configInForce(bus))?.version ?? 0;
  for (let version = (await versionAt(bus, 0, from)) ?? 1; version <= latest; version++)
    if (needsFleet(await getConfigVersion(bus, version))) return true;
  return false;
}

/** Reads the whole log as the fleet's worker does. */
export async function fleetReader(options: ReaderOptions): Promise<LaneReader> {
  const { bus, partitions, checkpoint, trial, signal, onNote } = options;
  const { core, seen, ...restored } = await startCore(bus, partitions, checkpoint);
  let { config } = restored;
  const batches = new Map<number, FirstBatches>();
  // A partition at rest may come late, and what it has said before is missing in all windows until then.
  let isMissing = checkpoint === null && trial === null && !(await isWhole(bus, partitions, signal));
  const configurationOf = async ({ needs, partition, sequence }: FleetMessage): Promise<VersionedConfig | null> => {
    if (needs === null) return null;
    if (trial !== null) return { version: needs === 'first' ? 0 : needs, config: trial };
    if (needs === 'first') return firstConfiguration(bus, partition, sequence);
    return { version: needs, config: await getConfigVersion(bus, needs) };
  };
  return {
    subject: everyLog,
    results: subjects.windows('fleet'),
    title: 'The fleet',
    get position() {
      return core.position;
    },
    get config() {
      return config;
    },
    gap: (from, to) => core.gap('removed', from, to),
    async take(message) {
      const looked = core.read(message);
      const read: FleetMessage = trial === null ? looked : { ...looked, choice: { kind: 'reset' }, rebuildsFrom: null };
      const { partition, sequence, records, missing } = read;
      const own = batches.get(partition) ?? new FirstBatches();
      batches.set(partition, own);
      const lacks = own.lack(read) || (!seen.has(partition) && !beginsLog(sequence, records));
      const pastMissing = isMissing || (trial === null && lacks);
      isMissing = false;
      seen.add(partition);
      const next = await configurationOf(read);
      let rebuiltInPart = false;
      const happened = (_code: string, text: string) => {
        rebuiltInPart = true;
        onNote(text);
      };
      const rebuilt = await fleetRebuiltFor({ bus, partitions, alarms: { happened } }, core, read, next, signal);
      const step = core.take(read, next, rebuilt);
      // What spans devices switches with partition 0.
      if (next !== null && (config === null || partition === 0)) config = next.config;
      return { step: step && ofFleet(step), missing, pastMissing, rebuiltInPart };
    },
  };
}

/** Whether the log holds what every partition began with. */
async function isWhole(bus: Bus, partitions: number, signal: AbortSignal): Promise<boolean> {
  for (let partition = 0; partition < partitions; partition++) {
    const subject = subjects.log(partition);
    const range = { from: 1, until: Number.MAX_SAFE_INTEGER, signal, onGap: () => undefined };
    for await (const { sequence, data } of readRange(bus, { stream: streams.log, subject, ...range })) {
      if (!beginsLog(sequence, decodeRecords(data))) return false;
      break;
    }
  }
  return true;
}

interface Started {
  readonly core: FleetCore;
  readonly config: ProcessingConfig | null;
  /** Partitions that it has read. */
  readonly seen: Set<number>;
}

async function startCore(bus: Bus, partitions: number, checkpoint: Uint8Array | null): Promise<Started> {
  if (checkpoint === null) return { core: new FleetCore(partitions), config: null, seen: new Set() };
  const saved = fleetCheckpointFormat.decode(fleetCheckpointName, checkpoint);
  const configs = new Map<number, ProcessingConfig>();
  for (const { configVersion } of [saved, ...saved.lanes.map(([, lane]) => lane)])
    configs.set(configVersion, configs.get(configVersion) ?? (await getConfigVersion(bus, configVersion)));
  const seen = new Set(saved.lanes.map(([partition]) => partition));
  return { core: FleetCore.restore(partitions, saved, configs), config: configs.get(saved.configVersion)!, seen };
}

/** Its partitions' own lanes see to the readings. */
function ofFleet({ nowUs, windows, transitions, derived }: Step): Replayed {
  return { nowUs, readings: [], duplicates: [], quarantined: [], late: [], windows, transitions, derived };
}
