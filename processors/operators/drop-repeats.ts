import { isRepeat } from '../decode/known-devices.ts';
import { keepArrivals } from './keep-arrivals.ts';

/** A reading of the same device, own time, tags and field names as one before is a duplicate. */
export function dropRepeats() {
  return keepArrivals(({ payload, device, route, origin }, step) => {
    const { ownTimeUs, shape } = payload;
    if (ownTimeUs === null || !isRepeat(device, ownTimeUs, shape, route.tagsHash)) return true;
    step.duplicates.push({ kind: 'repeat', key: route.key, origin });
    return false;
  });
}
