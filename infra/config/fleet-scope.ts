import type { RuleConfig, WindowConfig } from './schema.ts';

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

/** The windows that span devices, with the rules on them. */
export function fleetScope({ windows, rules }: Scoped): Scoped {
  const fleet = fleetNames(windows);
  return {
    windows: windows.filter(({ name }) => fleet.has(name)),
    rules: rules.filter(({ window }) => window !== undefined && fleet.has(window)),
  };
}

function fleetNames(windows: readonly WindowConfig[]): ReadonlySet<string> {
  return new Set(windows.filter(isFleetWindow).map(({ name }) => name));
}
