import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { DeviceLives } from '../life/device-lives.ts';
import type { Step } from '../step.ts';

/** What hardware sends that has replaced other is a reading of the device that was replaced. */
export function followReplacements(lives: DeviceLives): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    for (const arrival of step.arrivals) arrival.route = lives.routeOf(arrival.route);
    return step;
  });
}
