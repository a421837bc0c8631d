import type { KnownDevices } from '../decode/known-devices.ts';
import { keepArrivals } from './keep-arrivals.ts';
import { setAside } from './set-aside.ts';

/** Nothing is remembered of a device beyond the bounds: its readings are quarantined. */
export function admitDevices(devices: KnownDevices) {
  return keepArrivals((arrival, step) => {
    // Only a matching template lets an arrival come here, and that names a key.
    const admitted = devices.admit(arrival.route.key!, arrival.payload, step.elapsedUs);
    if ('reason' in admitted) {
      setAside(step, arrival, admitted);
      return false;
    }
    arrival.device = admitted;
    return true;
  });
}
