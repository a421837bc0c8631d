import type { Retransmissions } from '../decode/retransmissions.ts';
import { keepArrivals } from './keep-arrivals.ts';

/**
 * The same MQTT packet again is a duplicate, whatever its payload is. A redriven record is the same packet on purpose, and
 * nobody sent it now: it is neither judged nor remembered. What was passed on was judged where it came.
 */
export function dropRetransmissions(retransmissions: Retransmissions) {
  return keepArrivals(({ record, route, origin, passed }, step) => {
    if (record.redriven !== undefined || passed === true) return true;
    if (!retransmissions.isRetransmission(record, route.topicHash)) return true;
    step.duplicates.push({ kind: 'retransmission', key: route.key, origin });
    return false;
  });
}
