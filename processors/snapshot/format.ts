import type { LogGap } from '../../events/ledger.ts';
import { MillraceError } from '../../infra/errors.ts';
import type { LogClockSnapshot } from '../clock/log-clock.ts';
import type { RunningProcessorSnapshot } from '../custom/running-processor.ts';
import type { KnownDevicesSnapshot } from '../decode/known-devices.ts';
import type { EdgeNodesSnapshot } from '../decode/sparkplug/edge-nodes.ts';
import type { Totals } from '../operators/count-step.ts';
import type { RuleSetSnapshot } from '../rules/rule-set.ts';
import type { TransformSetSnapshot } from '../transforms/transform-set.ts';
import type { WindowSetSnapshot } from '../windows/window-set.ts';
import type { Columns } from './columns.ts';

/** Goes up with each change of what follows: a worker stops with CHECKPOINT_UNREADABLE rather than misread its state. */
export const snapshotFormat = 3;

export interface IntakeSnapshot {
  readonly format: typeof snapshotFormat;
  readonly clock: LogClockSnapshot;
  readonly retransmissions: Columns;
  readonly devices: KnownDevicesSnapshot;
  /** Of versions in which nothing was replaced across partitions. */
  readonly lives?: Columns;
  /** Absent in checkpoints of versions that had none. */
  readonly deviceLives?: Columns;
  /** Absent while nothing was passed on. */
  readonly passing?: Columns;
  readonly transforms?: TransformSetSnapshot;
  /** Absent without Sparkplug. */
  readonly edgeNodes?: EdgeNodesSnapshot;
  /** Absent while nothing was redriven. */
  readonly redriven?: Columns;
}

export interface PipelineSnapshot {
  readonly format: typeof snapshotFormat;
  readonly intake: IntakeSnapshot;
  readonly directory: Columns;
  /** Absent in checkpoints of versions that had none. */
  readonly presence?: Columns;
  readonly windows: WindowSetSnapshot;
  readonly rules: RuleSetSnapshot;
  readonly processors: readonly RunningProcessorSnapshot[];
  readonly gaps: readonly LogGap[];
  readonly totals: Totals;
}

/** A snapshot as it was taken; null where there is none. */
export function readSnapshot(restored: unknown): PipelineSnapshot | IntakeSnapshot | null {
  if (restored === undefined || restored === null) return null;
  const { format } = restored as Partial<PipelineSnapshot>;
  if (format === snapshotFormat) return restored as PipelineSnapshot | IntakeSnapshot;
  throw new MillraceError(
    'CHECKPOINT_UNREADABLE',
    `the checkpoint is of format ${String(format)}, this version reads ${snapshotFormat}`,
  );
}
