import type { TakenRedriven } from '../decode/taken-redriven.ts';
import { keepArrivals } from './keep-arrivals.ts';

/**
 * What was redriven before and is a reading already is a duplicate; else it is one from here on. What storage had set
 * aside is a reading since its first time, so only storage takes it again: the same point once more changes nothing.
 */
export function dropRedriven(taken: TakenRedriven, isStorage: boolean) {
  return keepArrivals(({ record: { redriven }, route, origin }, step) => {
    if (redriven === undefined) return true;
    if (redriven.by === 'storage' ? isStorage : taken.take(redriven, origin.part ?? 0)) return true;
    step.duplicates.push({ kind: 'redriven', key: route.key, origin });
    return false;
  });
}
