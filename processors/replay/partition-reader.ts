import { subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { configuration, firstConfiguration, trialConfiguration } from '../worker/configurations.ts';
import { rebuiltFor } from '../worker/rebuild-state.ts';
import type { Columns } from '../snapshot/columns.ts';
import { checkpointFormat } from '../worker/worker-checkpoint.ts';
import { WorkerCore, type ReadMessage } from '../worker/worker-core.ts';
import { beginsLog, FirstBatches, type LaneReader } from './lane-reader.ts';

export interface ReaderOptions {
  readonly bus: Bus;
  readonly partitions: number;
  /** A worker's checkpoint; null begins with no state. */
  readonly checkpoint: Uint8Array | null;
  /** What was known of devices' lives where it begins with no state, by partition. */
  readonly lives: ReadonlyMap<number, Columns>;
  /** Instead of the versions that were in force. */
  readonly trial: ProcessingConfig | null;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}

/** Reads one partition as its worker does. */
export async function partitionReader(partition: number, options: ReaderOptions): Promise<LaneReader> {
  const { bus, partitions, trial, signal, onNote } = options;
  const core = await startCore(partition, options);
  let isFirst = core.pipeline === null;
  const batches = new FirstBatches();
  const configurationOf = (version: number) =>
    trial === null ? configuration(bus, version) : trialConfiguration(trial, version);
  return {
    subject: subjects.log(partition),
    results: subjects.windows(partition),
    title: `Partition ${partition}`,
    get position() {
      return core.position;
    },
    get config() {
      return core.config;
    },
    gap: (from, to) => core.gap(from, to),
    async take(message) {
      const { sequence } = message;
      if (core.pipeline === null)
        core.start(
          trial === null ? await firstConfiguration(bus, partition, sequence) : await trialConfiguration(trial, 0),
        );
      const read = readUnder(core.read(message), trial);
      const beginMissing = isFirst && trial === null && !beginsLog(sequence, read.records);
      isFirst = false;
      if (beginMissing) core.gap(1, sequence - 1);
      const pastMissing = (batches.lack(read) && trial === null) || beginMissing;
      const next = read.needs === null ? null : await configurationOf(read.needs);
      let rebuiltInPart = false;
      const happened = (_code: string, text: string) => {
        rebuiltInPart = true;
        onNote(text);
      };
      const of = { bus, partition, partitions, alarms: { happened } };
      const rebuilt = next === null ? null : await rebuiltFor(of, core, read, next, signal);
      const { step, missing } = core.take(read, next, rebuilt);
      return { step, missing, pastMissing, rebuiltInPart };
    },
  };
}

/** Under a configuration on trial the changes that were made are none. */
function readUnder(read: ReadMessage, trial: ProcessingConfig | null): ReadMessage {
  return trial === null ? read : { ...read, choice: { kind: 'reset' } };
}

async function startCore(partition: number, options: ReaderOptions): Promise<WorkerCore> {
  const { bus, partitions, checkpoint, lives } = options;
  // Nothing but the lane: what else is known here, such as a configuration, is not for the pipeline.
  const lane = { partition, partitions };
  if (checkpoint === null) return new WorkerCore(lane, undefined, lives.get(partition));
  const saved = checkpointFormat.decode(`worker.${partition}`, checkpoint);
  return WorkerCore.restore(lane, saved, await configuration(bus, saved.configVersion));
}
