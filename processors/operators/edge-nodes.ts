import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { EdgeNodes } from '../decode/sparkplug/edge-nodes.ts';
import type { Step } from '../step.ts';

/** Sparkplug edge nodes that are forgotten have to send their births anew; one whose readings are another's goes on. */
export function forgetEdgeNodes(nodes: EdgeNodes): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    for (const key of step.forgotten)
      if (!step.partings.some((parting) => parting.key === key && parting.why === 'replaced')) nodes.forget(key);
    return step;
  });
}

/** Takes along which Sparkplug edge nodes are to send their births again. */
export function askForBirths(nodes: EdgeNodes): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    step.rebirths.push(...nodes.takeRequests());
    return step;
  });
}
