import type { WindowConfig } from '../../infra/config/schema.ts';
import { AlignedWindows } from './aligned-windows.ts';
import { CountWindows } from './count-windows.ts';
import type { FoldSource } from './fold-source.ts';
import { FoldedWindows } from './folded-windows.ts';
import { hopping } from './hopping.ts';
import { SessionWindows } from './session-windows.ts';
import { SlidingWindows } from './sliding-windows.ts';
import { tumbling } from './tumbling.ts';
import type { WindowOperator, WindowPlace } from './window-operator.ts';

/**
 * Makes the operator of a configured window. A new kind of window is one more case.
 * @param source the operator of the window it is folded from; null without one
 */
export function createWindow(config: WindowConfig, source: FoldSource | null, place: WindowPlace): WindowOperator {
  switch (config.kind) {
    case 'tumbling':
      if (source !== null) return new FoldedWindows(config, tumbling(config), source, place);
      return new AlignedWindows(config, tumbling(config), place);
    case 'hopping':
      if (source !== null) return new FoldedWindows(config, hopping(config), source, place);
      return new AlignedWindows(config, hopping(config), place);
    case 'sliding':
      return new SlidingWindows(config, place.restored);
    case 'session':
      return new SessionWindows(config, place.elapsedUs, place.restored);
    case 'count':
      return new CountWindows(config, place);
  }
}
