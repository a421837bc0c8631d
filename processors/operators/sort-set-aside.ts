import { map, type MonoTypeOperatorFunction } from 'rxjs';
import { inLogOrder } from '../../events/record.ts';
import type { Step } from '../step.ts';

/** Operators set arrivals aside one after the other; here they get back the order of the log. */
export function sortSetAside(): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    step.quarantined.sort(inLogOrder);
    step.duplicates.sort(inLogOrder);
    return step;
  });
}
