import type { WindowConfig } from '../../../infra/config/schema.ts';
import { msToUs } from './story.ts';

/** Where tumbling and hopping windows lie. */
export interface Places {
  /** Starts of all windows that hold a time. */
  startsOf(timeUs: number): number[];
  endOf(startUs: number): number;
}

/** How far local time is ahead, of the zones that the simulation uses: they never change their clocks. */
const offsetsUs: Readonly<Record<string, number>> = { UTC: 0, 'Pacific/Honolulu': -36_000e6 };

export function placesOf({ kind, size, every, timezone }: WindowConfig): Places {
  const sizeUs = msToUs(size!);
  const everyUs = kind === 'hopping' ? msToUs(every!) : sizeUs;
  const localUs = offsetsUs[timezone ?? 'UTC']!;
  return {
    startsOf: (timeUs) => {
      const last = Math.floor((timeUs + localUs) / everyUs) * everyUs - localUs;
      return Array.from({ length: sizeUs / everyUs }, (_, i) => last - i * everyUs);
    },
    endOf: (startUs) => startUs + sizeUs,
  };
}
