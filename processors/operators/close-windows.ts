import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { Step } from '../step.ts';
import type { WindowSet } from '../windows/window-set.ts';
import { inWindowOrder } from './output-order.ts';

/** Readings go into their windows; those that close are in the step, the earliest first. */
export function closeWindows(windows: WindowSet): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { partition, sequence, elapsedUs } = step;
    windows.advance(elapsedUs, { partition, sequence, index: -1 }, step.windows);
    for (const reading of step.readings) {
      if (windows.add(reading, elapsedUs, step.windows)) step.late.push(reading);
    }
    // Rules judge them in this order.
    step.windows.sort(inWindowOrder);
    return step;
  });
}
