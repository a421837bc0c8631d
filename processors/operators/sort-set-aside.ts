import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { Origin } from '../../events/record.ts';
import type { Step } from '../step.ts';

/** Operators set arrivals aside one after the other; here they get back the order of the log. */
export function sortSetAside(): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    step.quarantined.sort(inLogOrder);
    step.duplicates.sort(inLogOrder);
    return step;
  });
}

function inLogOrder(a: { readonly origin: Origin }, b: { readonly origin: Origin }): number {
  return a.origin.index - b.origin.index;
}
