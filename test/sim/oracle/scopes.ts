import type { ProcessingConfig } from '../../../infra/config/schema.ts';

const spansDevices = ({ by }: ProcessingConfig['windows'][number]) => !by.includes('device');

/** What a partition's worker does of a configuration: windows of each device, rules on these and on readings. */
export function ofDevices(config: ProcessingConfig): ProcessingConfig {
  const others = new Set(config.windows.filter(spansDevices).map(({ name }) => name));
  return {
    ...config,
    windows: config.windows.filter(({ name }) => !others.has(name)),
    rules: config.rules.filter(({ window }) => window === undefined || !others.has(window)),
    joins: [],
  };
}

/** What the fleet's worker does of it: the other windows, joins, and the rules on either. */
export function ofFleet(config: ProcessingConfig): ProcessingConfig {
  const windows = config.windows.filter(spansDevices);
  const joins = config.joins.map(({ name }) => name);
  const judged = (window: string | undefined, field: string) =>
    window === undefined ? joins.includes(field) : windows.some(({ name }) => name === window);
  return { ...config, windows, rules: config.rules.filter(({ window, field }) => judged(window, field)) };
}

/** The fleet's worker has something to do under it. */
export function asksForFleet(config: ProcessingConfig): boolean {
  return config.joins.length > 0 || config.windows.some(spansDevices);
}
