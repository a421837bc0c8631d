import { quarantinedBytesMax, type Quarantined } from '../../events/quarantine.ts';
import type { Refusal } from '../decode/refusal.ts';
import type { Arrival, Step } from '../step.ts';

/** Characters of a topic or client id that a quarantine record keeps. */
const quotedCharsMax = 1024;

/** Puts an arrival into quarantine. */
export function setAside(step: Step, arrival: Arrival, refusal: Refusal): void {
  step.quarantined.push(quarantinedArrival(arrival, refusal));
}

/** What is kept of an arrival that is refused. */
export function quarantinedArrival(
  { record, route, origin, several }: Arrival,
  { reason, detail }: Refusal,
): Quarantined {
  const { topic, client, payload, receivedAtUs, redriven } = record;
  const { buffer, byteOffset, byteLength } = payload;
  return {
    reason,
    detail,
    topic: topic.slice(0, quotedCharsMax),
    client: client.slice(0, quotedCharsMax),
    key: route.key,
    firstBytes: Buffer.from(buffer, byteOffset, Math.min(byteLength, quarantinedBytesMax)).toString('base64'),
    bytes: byteLength,
    receivedAtUs,
    origin,
    ...(several && { several }),
    ...(redriven && { redriven }),
  };
}
