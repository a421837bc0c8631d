import type { WindowConfig } from '../../infra/config/schema.ts';
import { configText } from '../snapshot/config-text.ts';

export interface OrderedWindow {
  readonly config: WindowConfig;
  /** The window's configuration with that of all it is folded from: state belongs to it. */
  readonly text: string;
}

/** Windows so that each comes behind the one it is folded from. The configuration's checks leave no circle. */
export function inFoldOrder(configs: readonly WindowConfig[]): OrderedWindow[] {
  const byName = new Map(configs.map((config) => [config.name, config]));
  const chainOf = (config: WindowConfig): WindowConfig[] => {
    const source = config.from === undefined ? undefined : byName.get(config.from);
    return source === undefined ? [config] : [...chainOf(source), config];
  };
  const chains = configs.map(chainOf).toSorted((a, b) => a.length - b.length);
  return chains.map((chain) => ({ config: chain.at(-1)!, text: chain.map(configText).join() }));
}
