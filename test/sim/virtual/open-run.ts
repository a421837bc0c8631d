import type { Variant } from '../variant.ts';
import { CoreRun } from './core-run.ts';
import { FleetCoreRun } from './fleet-run.ts';
import type { Lane, LaneRun } from './lane-run.ts';
import type { VirtualLog } from './log.ts';

/**
 * @param bytes the checkpoint to begin from, null: the beginning of the log.
 * @param until of the fleet: the first message that is not in the log yet
 */
export function openRun(
  log: VirtualLog,
  lane: Lane,
  variant: Variant,
  bytes: Uint8Array | null,
  until?: () => number,
): LaneRun {
  return lane === 'fleet' ? new FleetCoreRun(log, variant, bytes, until) : new CoreRun(log, lane, variant, bytes);
}
