import type { Config, RuleConfig, WindowConfig } from './schema.ts';

/** Whether a window spans devices: it then needs all partitions, and belongs to the fleet worker. */
export function isFleetWindow({ by }: Pick<WindowConfig, 'by'>): boolean {
  return !by.includes('device');
}

interface Scoped {
  readonly windows: readonly WindowConfig[];
  readonly rules: readonly RuleConfig[];
}

/** The windows of one partition's devices, with the rules on these and on readings. */
export function partitionScope({ windows, rules }: Scoped): Scoped {
  const fleet = fleetNames(windows);
  return {
    windows: windows.filter(({ name }) => !fleet.has(name)),
    rules: rules.filter(({ window }) => window === undefined || !fleet.has(window)),
  };
}

type FleetPart = Pick<Config, 'windows' | 'rules' | 'joins'>;

/** What spans devices: windows not by device, joins, and the rules on either. */
export function fleetPart({ windows, rules, joins }: Readonly<FleetPart>): FleetPart {
  const fleet = fleetNames(windows);
  const joined = new Set(joins.map(({ name }) => name));
  return {
    windows: windows.filter(({ name }) => fleet.has(name)),
    rules: [
      ...rules.filter(({ window }) => window !== undefined && fleet.has(window)),
      ...rules.filter(({ window, field }) => window === undefined && joined.has(field)),
    ],
    joins,
  };
}

/** Whether a worker for the fleet is needed at all: it reads every partition once more. */
export function needsFleet({ windows, joins }: Readonly<Pick<FleetPart, 'windows' | 'joins'>>): boolean {
  return joins.length > 0 || windows.some(isFleetWindow);
}

function fleetNames(windows: readonly WindowConfig[]): ReadonlySet<string> {
  return new Set(windows.filter(isFleetWindow).map(({ name }) => name));
}
