import type { WindowConfig } from '../../infra/config/schema.ts';
import { epochAlignment, type Alignment } from './alignment.ts';
import { calendarDays } from './calendar-days.ts';

const dayMs = 86_400_000;

/** One after the other, of one size from the UTC epoch, or of whole local days. */
export function tumbling({ size, timezone }: WindowConfig): Alignment {
  if (timezone !== undefined) return calendarDays(timezone, size! / dayMs);
  const sizeUs = Math.round(size! * 1e3);
  return epochAlignment(sizeUs, sizeUs);
}
