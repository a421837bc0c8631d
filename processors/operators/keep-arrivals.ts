import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { Arrival, Step } from '../step.ts';

/** Takes out of each step the arrivals for which `keeps` is false; `keeps` has put them where they belong. */
export function keepArrivals(keeps: (arrival: Arrival, step: Step) => boolean): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { arrivals } = step;
    let kept = 0;
    for (const arrival of arrivals) if (keeps(arrival, step)) arrivals[kept++] = arrival;
    arrivals.length = kept;
    return step;
  });
}
