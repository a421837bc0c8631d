import type { QuarantineReason } from '../events/quarantine.ts';
import { LatencyWindow } from '../infra/telemetry/latency.ts';
import type { Step } from './step.ts';
import { addTally, emptyTally, type Tally } from './transforms/transform.ts';

/** What the workers of this process have done since its start, for its report and its metrics. */
export class Figures {
  readings = 0;
  late = 0;
  windowsClosed = 0;
  transitions = 0;
  duplicates = 0;
  filtered = 0;
  /** What each transform left out. */
  readonly transforms: Record<string, Tally> = {};
  messages = 0;
  checkpoints = 0;
  forgotten = 0;
  readonly quarantined: Partial<Record<QuarantineReason, number>> = {};
  /** From the log's timestamp to the end of the step. */
  readonly read = new LatencyWindow();

  /** @param latencyMs from the log's timestamp until now */
  count(step: Step, latencyMs: number, nowMs: number): void {
    this.messages++;
    this.readings += step.readings.length;
    this.late += step.late.length;
    this.windowsClosed += step.windows.length;
    this.transitions += step.transitions.length;
    this.forgotten += step.forgotten.length - step.partings.filter(({ why }) => why !== 'retired').length;
    this.duplicates += step.duplicates.length;
    this.filtered += step.filtered.length;
    for (const tally of step.tallies) addTally((this.transforms[tally.transform] ??= emptyTally()), tally);
    for (const { reason } of step.quarantined) this.quarantined[reason] = (this.quarantined[reason] ?? 0) + 1;
    if (step.readings.length > 0) this.read.record(Math.max(latencyMs, 0), Math.floor(nowMs / 1000));
  }
}
