import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { Step } from '../step.ts';
import type { WindowSet } from '../windows/window-set.ts';
import type { GapBook } from '../gaps/gap-book.ts';
import { departing } from './departing.ts';
import { inWindowOrder } from './output-order.ts';

/** Readings go into their windows; those that close or change are in the step, the earliest first. */
export function closeWindows(windows: WindowSet, gaps: GapBook): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { partition, sequence } = step;
    const origin = { partition, sequence, index: -1 };
    if (gaps.end(step.nowUs).length > 0) windows.gap();
    windows.advance(step, origin, step.windows);
    const erased = step.partings.filter(({ why }) => why === 'erased');
    for (const { key } of erased) windows.erase(key);
    for (const key of departing(step)) windows.forget(key, origin, step.windows);
    for (const { reading, device } of step.arrivals) {
      if (device.retired) continue;
      if (windows.add(reading, step, step.windows, device)) step.late.push(reading);
    }
    windows.revise(origin, step.windows);
    if (gaps.any) step.windows = step.windows.map((window) => gaps.mark(window));
    // Rules judge them in this order.
    step.windows.sort(inWindowOrder);
    return step;
  });
}
