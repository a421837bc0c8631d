import type { WindowConfig } from '../../infra/config/schema.ts';
import { epochAlignment, type Alignment } from './alignment.ts';

/** Of one size, one beginning every `every`, so that a reading is in size / every of them. */
export function hopping({ size, every }: WindowConfig): Alignment {
  return epochAlignment(Math.round(size! * 1e3), Math.round(every! * 1e3));
}
