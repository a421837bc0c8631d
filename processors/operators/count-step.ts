import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { QuarantineReason } from '../../events/quarantine.ts';
import type { DeviceDirectory } from '../devices/device-directory.ts';
import type { Step } from '../step.ts';
import { addTally, emptyTally, type Tally } from '../transforms/transform.ts';

/** What has been counted since the state began. In readings, where nothing else is said. */
export interface Totals {
  received: number;
  /** Became readings. */
  readings: number;
  duplicate: number;
  late: number;
  /** The transforms left nothing of them. */
  filtered: number;
  /** What each transform left out. */
  transforms: Record<string, Tally>;
  quarantined: number;
  quarantinedBy: Partial<Record<QuarantineReason, number>>;
  /** Windows closed, of one field each. */
  windows: number;
  transitions: number;
  derived: number;
  /** Devices not heard of for `state.retain`. */
  forgotten: number;
  /** Gaps in the log. */
  gaps: number;
}

export function emptyTotals(): Totals {
  return {
    received: 0,
    readings: 0,
    duplicate: 0,
    late: 0,
    filtered: 0,
    transforms: {},
    quarantined: 0,
    quarantinedBy: {},
    windows: 0,
    transitions: 0,
    derived: 0,
    forgotten: 0,
    gaps: 0,
  };
}

/** Counts what became of the step's readings, in total and in each device's ledger. */
export function countStep(totals: Totals, directory: DeviceDirectory): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    totals.received += step.received;
    totals.readings += step.readings.length;
    totals.duplicate += step.duplicates.length;
    totals.late += step.late.length;
    totals.filtered += step.filtered.length;
    for (const tally of step.tallies) addTally((totals.transforms[tally.transform] ??= emptyTally()), tally);
    totals.quarantined += step.quarantined.length;
    totals.windows += step.windows.length;
    totals.transitions += step.transitions.length;
    totals.derived += step.derived.length;
    totals.forgotten += step.forgotten.length - step.partings.filter(({ why }) => why !== 'retired').length;

    for (const { device } of step.arrivals) device.memory!.count('received');
    for (const { key } of step.late) directory.count(key, 'late');
    for (const { key } of step.duplicates) {
      directory.count(key, 'received');
      directory.count(key, 'duplicate');
    }
    for (const { key } of step.filtered) {
      directory.count(key, 'received');
      directory.count(key, 'filtered');
    }
    for (const { key, reason } of step.quarantined) {
      directory.count(key, 'received');
      directory.count(key, 'quarantined');
      totals.quarantinedBy[reason] = (totals.quarantinedBy[reason] ?? 0) + 1;
    }
    return step;
  });
}
