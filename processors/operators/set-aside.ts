import { quarantinedBytesMax } from '../../events/quarantine.ts';
import type { Refusal } from '../decode/refusal.ts';
import type { Arrival, Step } from '../step.ts';

/** Characters of a topic or client id that a quarantine record keeps. */
const quotedCharsMax = 1024;

/** Puts an arrival into quarantine. */
export function setAside(step: Step, { record, route, origin }: Arrival, { reason, detail }: Refusal): void {
  const { topic, client, payload, receivedAtUs } = record;
  const { buffer, byteOffset, byteLength } = payload;
  step.quarantined.push({
    reason,
    detail,
    topic: topic.slice(0, quotedCharsMax),
    client: client.slice(0, quotedCharsMax),
    key: route.key,
    firstBytes: Buffer.from(buffer, byteOffset, Math.min(byteLength, quarantinedBytesMax)).toString('base64'),
    bytes: byteLength,
    receivedAtUs,
    origin,
  });
}
