import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import { readSnapshot, type PipelineSnapshot } from '../snapshot/format.ts';
import type { Columns } from '../snapshot/columns.ts';
import { checkpointFormat, checkpointName } from '../worker/worker-checkpoint.ts';
import { DeviceLives } from './device-lives.ts';

/**
 * What the workers' checkpoints know of the lives of their devices from before a position: for who reads the log from
 * there on without state. Partitions without a checkpoint have none.
 */
export async function knownLives(
  checkpoints: Pick<Checkpoints, 'load'>,
  partitions: number,
  before: number,
): Promise<Map<number, Columns>> {
  const known = new Map<number, Columns>();
  for (let partition = 0; partition < partitions; partition++) {
    const name = checkpointName(partition);
    const bytes = await checkpoints.load(name);
    if (bytes === null) continue;
    const { intake } = readSnapshot(checkpointFormat.decode(name, bytes).pipeline) as PipelineSnapshot;
    known.set(partition, new DeviceLives(intake.deviceLives, intake.lives).before(before));
  }
  return known;
}
