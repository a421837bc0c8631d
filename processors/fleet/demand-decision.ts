import type { UpTo } from '../../infra/bus/fenced-queue.ts';
import { needsFleet } from '../../infra/config/fleet-scope.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';

/** What the newest configuration version asks of the fleet's worker. */
export interface FleetDemand {
  readonly version: number;
  readonly isAsked: boolean;
}

/**
 * Whether the fleet's worker begins or ends now; null: all stays as it is. One that is no longer asked for goes on to the
 * control record that says so, where alerts end.
 * @param running the version that the worker has come to; null: none runs
 * @param unfinished a worker before did not come as far as the end of what was asked
 */
export function fleetStep(
  running: { readonly configVersion: number } | null,
  demand: FleetDemand | null,
  unfinished: boolean,
): 'begin' | 'end' | null {
  if (demand === null) return null;
  if (running === null) return demand.isAsked || unfinished ? 'begin' : null;
  return !demand.isAsked && running.configVersion >= demand.version ? 'end' : null;
}

/**
 * Whether the worker before left alerts that somebody has to end: its last checkpoint is of a configuration that asked for
 * it, or it said something of alerts after that checkpoint.
 * @param checkpoint null: it saved none. @param lastAlert up to where `alerts.fleet` goes; null: it is empty
 */
export function isUnfinished(
  checkpoint: { readonly position: number; readonly config: ProcessingConfig } | null,
  lastAlert: UpTo | null,
): boolean {
  if (checkpoint !== null && needsFleet(checkpoint.config)) return true;
  return lastAlert !== null && lastAlert.sequence > (checkpoint?.position ?? 0);
}
