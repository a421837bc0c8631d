import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { FieldNames } from '../decode/field-names.ts';
import { decodePayload } from '../decode/payload.ts';
import { keepArrivals } from './keep-arrivals.ts';
import { setAside } from './set-aside.ts';

/** Payloads become fields; what cannot be read is quarantined. */
export function decodePayloads(config: () => ProcessingConfig, names: FieldNames) {
  return keepArrivals((arrival, step) => {
    const { route, record } = arrival;
    const decoded = route.refusal ?? decodePayload(route, record.payload, config().limits, names);
    if ('reason' in decoded) {
      setAside(step, arrival, decoded);
      return false;
    }
    arrival.payload = decoded;
    return true;
  });
}
