import { isRepeat } from '../decode/known-devices.ts';
import { keepArrivals } from './keep-arrivals.ts';

/** A reading of the same device, own time, tags and field names as one before is a duplicate. */
export function dropRepeats() {
  return keepArrivals(({ record, payload, device, route, origin }, step) => {
    const { ownTimeUs, shape } = payload;
    // Storage has seen it before, of course: it is there again to be stored.
    if (record.redriven?.by === 'storage') return true;
    if (ownTimeUs === null || !isRepeat(device, ownTimeUs, shape, route.tagsHash)) return true;
    step.duplicates.push({ kind: 'repeat', key: route.key, origin });
    return false;
  });
}
