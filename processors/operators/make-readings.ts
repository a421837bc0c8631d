import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { Origin, PublishRecord } from '../../events/record.ts';
import { giveTime, type KnownDevice } from '../decode/known-devices.ts';
import type { Arrival, Step } from '../step.ts';

/** What is left has become a reading; one without a time of its own is given the log's. */
export function makeReadings(): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    step.readings = step.arrivals.map((arrival) => (arrival.reading = readingOf(arrival, step.nowUs)));
    return step;
  });
}

/**
 * A redriven reading stands at the time at which its own record arrived, whatever came meanwhile; the readings of one
 * publish in their order.
 */
function timeOf({ receivedAtUs, redriven }: PublishRecord, { part = 0 }: Origin, device: KnownDevice, nowUs: number) {
  return redriven === undefined ? giveTime(device, receivedAtUs, nowUs) : receivedAtUs + part;
}

function readingOf({ record, route, payload, device, origin }: Arrival, nowUs: number): Arrival['reading'] {
  const { ownTimeUs, fields } = payload;
  return {
    key: route.key!,
    device: route.device!,
    timeUs: ownTimeUs ?? timeOf(record, origin, device, nowUs),
    ownTime: ownTimeUs !== null,
    fields,
    tags: route.tags,
    receivedAtUs: record.receivedAtUs,
    origin,
  };
}
