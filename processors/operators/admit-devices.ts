import type { KnownDevices } from '../decode/known-devices.ts';
import { keepArrivals } from './keep-arrivals.ts';
import { setAside } from './set-aside.ts';

/** Nothing is remembered of a device beyond the bounds: its readings are quarantined. */
export function admitDevices(devices: KnownDevices) {
  return keepArrivals((arrival, step) => {
    const admitted = devices.admit(arrival.route, arrival.payload, step.elapsedUs);
    if ('reason' in admitted) {
      setAside(step, arrival, admitted);
      return false;
    }
    arrival.device = admitted;
    return true;
  });
}
