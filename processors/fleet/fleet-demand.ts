import { configsInForce } from '../../infra/bus/config-versions.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Log } from '../../infra/log.ts';
import { restartOnFailure } from '../restart-on-failure.ts';
import { needsFleet } from '../../infra/config/fleet-scope.ts';
import type { FleetDemand } from './demand-decision.ts';

/** Tells what is asked now, then each change of it, until the signal. */
export function watchFleetDemand(
  bus: Bus,
  log: Log,
  signal: AbortSignal,
  onDemand: (demand: FleetDemand) => void,
): void {
  const watch = async (within: AbortSignal) => {
    for await (const { version, config } of configsInForce(bus, within))
      onDemand({ version, isAsked: needsFleet(config) });
  };
  void restartOnFailure(watch, signal, (why, err) => {
    if (why !== '') log.warn({ err }, 'the configuration in force cannot be followed');
  });
}
