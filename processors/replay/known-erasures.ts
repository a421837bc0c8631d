import { decodeRecords } from '../../events/record-codec.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import { DeviceLives } from '../life/device-lives.ts';
import { readSnapshot, type PipelineSnapshot } from '../snapshot/format.ts';
import { checkpointFormat, checkpointName } from '../worker/worker-checkpoint.ts';

/**
 * Devices that were erased, and the position of that: what the workers' checkpoints remember, and what the log has
 * behind them. A replay leaves out what such a device sent before.
 */
export async function knownErasures(bus: Bus, partitions: number, signal: AbortSignal): Promise<Map<string, number>> {
  const checkpoints = await createCheckpoints(bus);
  const { firstSequence, lastSequence } = await streamInfo(bus, streams.log, signal);
  const erasures = new Map<string, number>();
  const add = (key: string, sequence: number) => erasures.set(key, Math.max(sequence, erasures.get(key) ?? 0));
  for (let partition = 0; partition < partitions; partition++) {
    const name = checkpointName(partition);
    const bytes = await checkpoints.load(name);
    let from = firstSequence;
    if (bytes !== null) {
      const { position, pipeline } = checkpointFormat.decode(name, bytes);
      const { intake } = readSnapshot(pipeline) as PipelineSnapshot;
      for (const [key, sequence] of new DeviceLives(intake.deviceLives, intake.lives).erasures()) add(key, sequence);
      from = Math.max(from, position + 1);
    }
    const range = { stream: streams.log, subject: subjects.log(partition), from, until: lastSequence + 1, signal };
    for await (const { data, sequence } of readRange(bus, { ...range, onGap: () => undefined }))
      for (const record of decodeRecords(data))
        if (record.kind === 'life' && record.operation.kind === 'erase') add(record.operation.key, sequence);
  }
  return erasures;
}
