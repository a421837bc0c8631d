import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { Decoded } from '../decode/decoder.ts';
import { clearsRetained, noReading, type NoReading } from '../decode/no-reading.ts';
import { refuse, type Refusal } from '../decode/refusal.ts';
import type { Routes } from '../decode/routes.ts';
import type { Arrival, DecodedPayload, Step } from '../step.ts';
import { setAside } from './set-aside.ts';

/** Payloads become fields, one arrival for each reading in them; what cannot be read is quarantined. */
export function decodePayloads(routes: () => Routes): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { arrivals } = step;
    const found = routes();
    let kept = 0;
    /** Of publishes with several readings; those before them stay where they are. */
    let more: Arrival[] | null = null;
    const keep = (arrival: Arrival) => {
      if (more === null) arrivals[kept++] = arrival;
      else more.push(arrival);
    };
    for (let at = 0; at < arrivals.length; at++) {
      const arrival = arrivals[at]!;
      if (arrival.passed === true) {
        keep(arrival);
        continue;
      }
      const { route, record } = arrival;
      const decoded = route.refusal ?? (clearsRetained(record) ? noReading : route.decode(record, route.field));
      if (isNone(decoded)) {
        step.filtered.push({ key: null, transform: null, origin: arrival.origin });
        continue;
      }
      if (record.redriven !== undefined && record.redriven.part !== null) {
        const one = onePart(arrival, decoded, record.redriven.part);
        if (take(one.arrival, one.decoded, found, step)) keep(one.arrival);
        continue;
      }
      if (!isSeveral(decoded)) {
        if (take(arrival, decoded, found, step)) keep(arrival);
        continue;
      }
      more ??= [];
      step.received += decoded.length - 1;
      for (const [part, one] of decoded.entries()) {
        const origin = part === 0 ? arrival.origin : { ...arrival.origin, part };
        const reading: Arrival = { ...arrival, origin, several: true };
        if (take(reading, one, found, step)) keep(reading);
      }
    }
    arrivals.length = kept;
    if (more !== null) for (const arrival of more) arrivals.push(arrival);
    return step;
  });
}

/** The one reading that a record was redriven for: the others of its publish were taken the first time. */
function onePart(
  arrival: Arrival,
  decoded: Exclude<Decoded, NoReading>,
  part: number,
): { arrival: Arrival; decoded: One } {
  const one = isSeveral(decoded) ? decoded[part] : part === 0 || isRefusal(decoded) ? decoded : undefined;
  const origin = part === 0 ? arrival.origin : { ...arrival.origin, part };
  const missing = () => refuse('no-such-part', `the publish holds no reading ${part} under the present configuration`);
  return { arrival: { ...arrival, origin, several: true }, decoded: one ?? missing() };
}

/** Fills the arrival with what was decoded. False: it is quarantined. */
function take(arrival: Arrival, decoded: One, routes: Routes, step: Step): boolean {
  const problem = isRefusal(decoded) ? decoded : fill(arrival, decoded, routes);
  if (problem !== null) setAside(step, arrival, problem);
  return problem === null;
}

function fill(arrival: Arrival, decoded: DecodedPayload, routes: Routes): Refusal | null {
  const { route, record } = arrival;
  const isWhole = decoded.device === undefined && decoded.tags === undefined;
  if (!isWhole || route.device === null) arrival.route = routes.within(record.topic, route, decoded);
  arrival.payload = decoded;
  return arrival.route.refusal;
}

type One = DecodedPayload | Refusal;

function isNone(decoded: Decoded): decoded is NoReading {
  return decoded === noReading;
}

function isRefusal(decoded: One): decoded is Refusal {
  return 'reason' in decoded;
}

function isSeveral(decoded: Exclude<Decoded, NoReading>): decoded is readonly One[] {
  return Array.isArray(decoded);
}
