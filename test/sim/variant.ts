import type { UpTo } from '../../infra/bus/fenced-queue.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { FleetCheckpoint } from '../../processors/fleet/fleet-core.ts';
import type { Step } from '../../processors/step.ts';
import type { VirtualRebuild } from './virtual/rebuilds.ts';
import type { WorkerCheckpoint } from '../../processors/worker/worker-checkpoint.ts';

/** A mistake planted into the product, to see the simulation find it. The product itself is `{}`. */
export interface Variant {
  /** False: a server that lets any writer write. */
  readonly fences?: boolean;
  /** True: a checkpoint is stored before the outputs up to it are. */
  readonly savesEarly?: boolean;
  /** What a worker reads where a subject stands. */
  readonly upTo?: (upTo: UpTo) => UpTo;
  /** What a worker makes of a checkpoint that it restores. */
  readonly restore?: (checkpoint: WorkerCheckpoint) => WorkerCheckpoint;
  readonly restoreFleet?: (checkpoint: FleetCheckpoint) => FleetCheckpoint;
  /** What it makes of a rebuild that it is to do. */
  readonly rebuild?: (rebuild: VirtualRebuild) => VirtualRebuild;
  /** False: it is not told that messages were removed. */
  readonly tellsGaps?: boolean;
  /** What it makes of a configuration. */
  readonly config?: (config: ProcessingConfig) => ProcessingConfig;
  /** What it makes of a step. `restored`: it began from a checkpoint. */
  readonly step?: (step: Step, restored: boolean) => void;
}
