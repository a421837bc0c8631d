import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import { StretchReader, type StretchMessage } from '../../../processors/change/read-stretch.ts';
import { Rebuild, RebuildClock } from '../../../processors/change/rebuild.ts';
import type { RebuiltState } from '../../../processors/change/state-change.ts';
import { FleetRebuild } from '../../../processors/fleet/fleet-rebuild.ts';
import type { Variant } from '../variant.ts';
import type { VirtualMessage } from './log.ts';

/** What a change rebuilds, and where. */
export interface VirtualRebuild {
  /** Of the lane, in the order of the log. */
  readonly messages: readonly VirtualMessage[];
  readonly from: number;
  readonly until: number;
  readonly before: ProcessingConfig;
  readonly after: ProcessingConfig;
  readonly elapsedUs: number;
  readonly partitions: number;
  /** The first message that the log holds. */
  readonly first: number;
}

/** As `processors/worker/rebuild-state.ts` does it; for the fleet as `processors/fleet/rebuild-fleet.ts`. */
export function rebuilt(asked: VirtualRebuild, partition: number | null, variant: Variant): RebuiltState {
  const change = variant.rebuild?.(asked) ?? asked;
  const { before, after, elapsedUs, partitions, from, first } = change;
  const clock = new RebuildClock();
  for (const { nowUs, records } of stretchOf(change)) clock.take(nowUs, records);
  const rebuild =
    partition === null
      ? new FleetRebuild(after, partitions, elapsedUs, clock.elapsedUs)
      : new Rebuild(after, { partition, partitions }, elapsedUs, clock.elapsedUs);
  if (first > from) rebuild.removed(from, Math.min(first, change.until) - 1);
  for (const message of stretchOf(change)) rebuild.take(message);
  return rebuild.result(before, after);
}

function stretchOf({ messages, from, until, first }: VirtualRebuild): StretchMessage[] {
  const reader = new StretchReader();
  return messages.flatMap((message) => {
    if (message.sequence < Math.max(from, first) || message.sequence >= until) return [];
    return reader.read(message) ?? [];
  });
}
