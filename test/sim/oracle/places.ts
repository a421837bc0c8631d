import type { WindowConfig } from '../../../infra/config/schema.ts';
import { localSpan } from './local-days.ts';
import { msToUs } from './story.ts';

/** Where tumbling and hopping windows lie. */
export interface Places {
  /** Starts of all windows that hold a time. */
  startsOf(timeUs: number): number[];
  endOf(startUs: number): number;
}

const dayMs = 86_400_000;

export function placesOf({ kind, size, every, timezone }: WindowConfig): Places {
  if (timezone !== undefined) {
    const spanOf = (timeUs: number) => localSpan(timezone, size! / dayMs, timeUs);
    return { startsOf: (timeUs) => [spanOf(timeUs).startUs], endOf: (startUs) => spanOf(startUs).endUs };
  }
  const sizeUs = msToUs(size!);
  const everyUs = kind === 'hopping' ? msToUs(every!) : sizeUs;
  return {
    startsOf: (timeUs) => {
      const last = Math.floor(timeUs / everyUs) * everyUs;
      return Array.from({ length: sizeUs / everyUs }, (_, i) => last - i * everyUs);
    },
    endOf: (startUs) => startUs + sizeUs,
  };
}
