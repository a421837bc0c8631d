import type { WindowConfig } from '../../infra/config/schema.ts';
import { AlignedWindows } from './aligned-windows.ts';
import { CountWindows } from './count-windows.ts';
import type { FoldSource } from './fold-source.ts';
import { FoldedWindows } from './folded-windows.ts';
import { hopping } from './hopping.ts';
import { SessionWindows } from './session-windows.ts';
import { SlidingWindows } from './sliding-windows.ts';
import { tumbling } from './tumbling.ts';
import type { WindowOperator } from './window-operator.ts';

/**
 * Makes the operator of a configured window. A new kind of window is one more case.
 * @param elapsedUs where time stands. @param source the operator of the window it is folded from; null without one.
 * @param restored what its `snapshot` returned
 */
export function createWindow(
  config: WindowConfig,
  elapsedUs: number,
  source: FoldSource | null,
  restored?: unknown,
): WindowOperator {
  switch (config.kind) {
    case 'tumbling':
      if (source !== null) return new FoldedWindows(config, tumbling(config), source, { elapsedUs, restored });
      return new AlignedWindows(config, tumbling(config), elapsedUs, restored);
    case 'hopping':
      return new AlignedWindows(config, hopping(config), elapsedUs, restored);
    case 'sliding':
      return new SlidingWindows(config, restored);
    case 'session':
      return new SessionWindows(config, elapsedUs, restored);
    case 'count':
      return new CountWindows(config, restored);
  }
}
