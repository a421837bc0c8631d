import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { Step } from '../step.ts';
import { inTransitionOrder } from './output-order.ts';

export function sortTransitions(): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    step.transitions.sort(inTransitionOrder);
    return step;
  });
}
