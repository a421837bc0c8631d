import { map, type MonoTypeOperatorFunction } from 'rxjs';
import { giveTime } from '../decode/known-devices.ts';
import type { Arrival, Step } from '../step.ts';

/** What is left has become a reading; one without a time of its own is given the log's. */
export function makeReadings(): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    step.readings = step.arrivals.map((arrival) => (arrival.reading = readingOf(arrival, step.nowUs)));
    return step;
  });
}

function readingOf({ record, route, payload, device, origin }: Arrival, nowUs: number): Arrival['reading'] {
  const { ownTimeUs, fields } = payload;
  return {
    key: route.key!,
    device: route.device!,
    timeUs: ownTimeUs ?? giveTime(device, record.receivedAtUs, nowUs),
    ownTime: ownTimeUs !== null,
    fields,
    tags: route.tags,
    receivedAtUs: record.receivedAtUs,
    origin,
  };
}
