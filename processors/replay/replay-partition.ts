import { streams, subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { seriesNames } from '../storage/series-names.ts';
import { configuration, firstConfiguration, trialConfiguration } from '../worker/configurations.ts';
import { rebuiltFor } from '../worker/rebuild-state.ts';
import { checkpointFormat } from '../worker/worker-checkpoint.ts';
import { WorkerCore, type ReadMessage } from '../worker/worker-core.ts';
import type { ReplayCounts } from './replay-figures.ts';
import type { ReplayWriter } from './replay-writer.ts';

export interface PartitionReplay {
  readonly bus: Bus;
  readonly partition: number;
  readonly partitions: number;
  /** First message that counts, and the first that does not. */
  readonly from: number;
  readonly until: number;
  /** A worker's checkpoint at or before `from`; null begins with no state. */
  readonly checkpoint: Uint8Array | null;
  /** Instead of the versions that were in force. */
  readonly trial: ProcessingConfig | null;
  readonly counts: ReplayCounts;
  readonly writer: ReplayWriter | null;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}

/** Reads one partition's stretch of the log through a worker's core. */
export async function replayPartition(options: PartitionReplay): Promise<void> {
  const { bus, partition, from, until, counts, writer, trial, signal, onNote } = options;
  const core = await startCore(options);
  let names = core.config === null ? null : seriesNames(core.config.topics);
  const begin = core.position === 0 ? from : core.position + 1;
  const log = readRange(bus, {
    stream: streams.log,
    subject: subjects.log(partition),
    from: begin,
    until,
    signal,
    onGap: (gapFrom, gapTo) => {
      counts.counts.gaps++;
      core.gap(gapFrom, gapTo);
      onNote(`Partition ${partition}: log messages ${gapFrom} to ${gapTo} are no longer in the log.`);
    },
  });
  for await (const message of log) {
    if (core.pipeline === null)
      core.start(
        trial === null
          ? await firstConfiguration(bus, partition, message.sequence)
          : await trialConfiguration(trial, 0),
      );
    const read = readUnder(core.read(message), trial);
    const next =
      read.needs === null
        ? null
        : await (trial === null ? configuration(bus, read.needs) : trialConfiguration(trial, read.needs));
    const alarms = { happened: (_code: string, text: string) => onNote(text) };
    const rebuilt = next === null ? null : await rebuiltFor({ ...options, alarms }, core, read, next, signal);
    const { step, missing } = core.take(read, next, rebuilt);
    if (next !== null || names === null) names = seriesNames(core.config!.topics);
    counts.counts.messages++;
    counts.done[partition] = Math.min(1, Math.max(0, (message.sequence - begin) / Math.max(1, until - begin)));
    // Before the stretch the state only catches up with it.
    if (step === null || message.sequence < from) continue;
    if (missing > 0) counts.counts.gaps++;
    counts.take(step);
    await writer?.add(step, message.data.length, names, signal);
  }
  await writer?.drained(signal);
  counts.done[partition] = 1;
}

/** Under a configuration on trial the changes that were made are none. */
function readUnder(read: ReadMessage, trial: ProcessingConfig | null): ReadMessage {
  return trial === null ? read : { ...read, choice: { kind: 'reset' } };
}

async function startCore({ bus, checkpoint, partition, partitions }: PartitionReplay): Promise<WorkerCore> {
  // Nothing but the lane: what else is known here, such as a configuration, is not for the pipeline.
  const lane = { partition, partitions };
  if (checkpoint === null) return new WorkerCore(lane);
  const saved = checkpointFormat.decode(`worker.${partition}`, checkpoint);
  return WorkerCore.restore(lane, saved, await configuration(bus, saved.configVersion));
}
