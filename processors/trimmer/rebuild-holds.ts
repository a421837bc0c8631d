import type { Bus } from '../../infra/bus/connection.ts';
import { rebuildsAfter } from '../../infra/bus/config-versions.ts';
import { workerReader, type PositionBook } from './position-book.ts';

/**
 * The messages that rebuilds begin with whose workers may still do them, be it again: until a checkpoint behind the
 * control record is saved, a restart rebuilds once more, and has to come to the same results to know them by their number.
 */
export async function rebuildHolds(
  bus: Bus,
  partitions: number,
  book: Pick<PositionBook, 'at'>,
  hasFleet: boolean,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const holds: number[] = [];
  for (let partition = 0; partition < partitions; partition++)
    holds.push(...(await rebuildsAfter(bus, partition, book.at(workerReader(partition)), signal)));
  // The fleet's worker switches, and rebuilds, at the records of partition 0.
  if (hasFleet) holds.push(...(await rebuildsAfter(bus, 0, book.at(workerReader('fleet')), signal)));
  return holds;
}
