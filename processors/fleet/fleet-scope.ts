import { fleetScope } from '../../infra/config/fleet-scope.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { JoinSet } from '../joins/join-set.ts';

type Scope = Readonly<Pick<ProcessingConfig, 'windows' | 'rules' | 'joins'>>;

interface FleetPart extends ReturnType<typeof fleetScope> {
  readonly joins: Scope['joins'];
}

/** What of a configuration spans devices: windows not by device, joins, and the rules on either. */
export function fleetPart(config: Scope): FleetPart {
  const { windows, rules } = fleetScope(config);
  const joined = new Set(config.joins.map(({ name }) => name));
  const onJoins = config.rules.filter(({ window, field }) => window === undefined && joined.has(field));
  return { windows, rules: [...rules, ...onJoins], joins: config.joins };
}

/** Whether a worker for the fleet is needed at all: it reads every partition once more. */
export function needsFleet(config: Scope): boolean {
  return JoinSet.isFleet(config) || fleetScope(config).windows.length > 0;
}
