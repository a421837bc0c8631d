import { map, type MonoTypeOperatorFunction } from 'rxjs';
import { passedArrival, type PassedRoutes } from '../decode/passed-routes.ts';
import type { Routes } from '../decode/routes.ts';
import type { Arrival, Step } from '../step.ts';

/** Takes the publishes out of the message's records, each with what its topic says. */
export function routeTopics(routes: () => Routes, passedRoutes: PassedRoutes): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { partition, sequence, records, arrivals } = step;
    const found = routes();
    for (let index = 0; index < records.length; index++) {
      const record = records[index]!;
      if (record.kind !== 'publish') continue;
      if (record.redriven !== undefined) step.hasRedriven = true;
      const origin = { partition, sequence, index };
      arrivals.push({ record, origin, route: found.of(record.topic), ...unset });
    }
    for (const { record, index } of step.passed) {
      const arrival = passedArrival(record, { partition, sequence, index }, passedRoutes);
      if (arrival === null) continue;
      if (arrival.record.redriven !== undefined) step.hasRedriven = true;
      arrivals.push({ ...unset, ...arrival });
    }
    step.received = arrivals.length;
    return step;
  });
}

/** What later operators set; none reads it before. */
const unset = { payload: null, device: null, reading: null } as unknown as Pick<
  Arrival,
  'payload' | 'device' | 'reading'
>;
