import type { PublishRecord, Qos } from '../../../events/record.ts';
import type { Random } from '../random.ts';

/** A publish on its way: what the device said, and when it comes to ingest (true time, s since the beginning). */
export interface Sent {
  readonly atSeconds: number;
  readonly record: PublishRecord;
}

/** Names are few, so that one device comes under two route keys. */
const sites = ['plant1', 'plant2', 'hall 3'];
const names = ['a', 'b', 'c'];

const malformed: readonly (string | Uint8Array)[] = [
  '{"temperature":',
  '[1,2]',
  '[]',
  '[{"temperature":5},{"temperature":[5]},{"pressure":2}]',
  'null',
  '{}',
  '{"temperature":[1]}',
  '{"temperature":1e999}',
  '{"time":"2026-07-01T10:00:00Z"}',
  Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d),
  '',
];

/** One device of a virtual plant, with its faults, from the beginning to the end. */
export function drawDevice(random: Random, index: number, untilSeconds: number, beginUs: number): Sent[] {
  const trueUs = (seconds: number) => beginUs + Math.round(seconds * 1e3) * 1e3;
  const site = random.pick(sites);
  const name = random.pick(names);
  const client = random.chance(0.2) ? 'gateway' : `client-${index}`;
  const qos = random.pick<Qos>([0, 1, 1, 1, 2]);
  const bare = random.chance(0.2);
  const ownTime = random.chance(0.8);
  const everySeconds = random.pick([0.5, 1, 1, 2, 3]);
  /** How its clock is off. It may step once. */
  const skewSeconds = random.chance(0.3) ? random.pick([-30, -5, -1, 1, 5, 100]) : 0;
  const stepAt = random.chance(0.2) ? random.next() * untilSeconds : Infinity;
  const stepSeconds = random.pick([-20, -3, 3, 20]);
  const silentFrom = random.chance(0.4) ? random.next() * untilSeconds : Infinity;
  const silentTo = silentFrom + random.integer(3, 30);
  /** What it measures in this time it keeps, and sends when it is over. */
  const cutOffFrom = random.chance(0.3) ? random.next() * untilSeconds : Infinity;
  const cutOffTo = cutOffFrom + random.integer(2, 20);
  const disorderSeconds = random.chance(0.3) ? random.pick([0.3, 1.5, 4]) : 0;
  const badness = random.chance(0.3) ? 0.1 : 0;
  const repeats = random.chance(0.4) ? 0.15 : 0;
  const aligned = random.chance(0.6);
  const several = !bare && random.chance(0.15);

  const sent: Sent[] = [];
  let packetId = random.integer(1, 9);
  let value = random.integer(0, 40);
  for (let at = random.next() * everySeconds; at < untilSeconds; at += everySeconds * (0.7 + 0.6 * random.next())) {
    if (at >= silentFrom && at < silentTo) continue;
    const measured = aligned ? Math.round(at * 2) / 2 : at;
    const clock = measured + skewSeconds + (at >= stepAt ? stepSeconds : 0);
    value = Math.max(0, Math.min(40, value + random.integer(-6, 6)));
    const arrives = Math.max(at, at >= cutOffFrom && at < cutOffTo ? cutOffTo : 0) + random.next() * disorderSeconds;
    const bad = random.chance(badness);
    const record: PublishRecord = {
      kind: 'publish',
      client,
      connection: `${client}:1`,
      packetId: qos === 0 ? 0 : (packetId = (packetId % 40) + 1),
      topic: topicOf(random, { site, name, bare }),
      payload: bytesOf(
        bad
          ? random.pick(malformed)
          : bare
            ? bareText(random, value)
            : objectsText(random, trueUs(0) / 1e3 + clock * 1e3, value, { ownTime, several }),
      ),
      qos,
      retain: false,
      dup: false,
      receivedAtUs: trueUs(arrives),
    };
    sent.push({ atSeconds: arrives, record });
    if (!random.chance(repeats)) continue;
    // Sent again: as an MQTT retransmission of the same packet, or by an application that does not know better.
    const again = arrives + random.next() * 5;
    const dup = qos > 0 && random.chance(0.6);
    const other = dup ? { dup } : { packetId: qos === 0 ? 0 : (packetId = (packetId % 40) + 1) };
    sent.push({ atSeconds: again, record: { ...record, ...other, receivedAtUs: trueUs(again) } });
  }
  return sent;
}

interface Place {
  readonly site: string;
  readonly name: string;
  readonly bare: boolean;
}

function topicOf(random: Random, { site, name, bare }: Place): string {
  if (random.chance(0.01)) return `elsewhere/${name}`;
  return bare
    ? `sensors/${site}/${name}/${random.chance(0.8) ? 'temperature' : 'pressure'}`
    : `sensors/${site}/${name}`;
}

function bareText(random: Random, value: number): string {
  return random.chance(0.05) ? random.pick(['true', 'NaN', 'open']) : String(value / 4);
}

/** One object, or what was measured in the last moments as an array. */
function objectsText(
  random: Random,
  clockMs: number,
  value: number,
  { ownTime, several }: { readonly ownTime: boolean; readonly several: boolean },
): string {
  if (!several) return objectText(random, clockMs, value, ownTime);
  const moments = random.pick([[0], [-1, 0], [0, -0.5], [-2, -1, 0, 0]]);
  return `[${moments.map((ago) => objectText(random, clockMs + ago * 1e3, Math.max(0, value + ago), ownTime)).join()}]`;
}

function objectText(random: Random, clockMs: number, value: number, ownTime: boolean): string {
  const ms = Math.round(clockMs);
  const time = random.pick([new Date(ms).toISOString(), ms, ms / 1e3, random.chance(0.02) ? 12 : ms * 1e3]);
  return JSON.stringify({
    ...(ownTime ? { time } : {}),
    temperature: value / 4,
    ...(random.chance(0.3) ? { pressure: random.integer(0, 20) / 2 } : {}),
    ...(random.chance(0.2) ? { state: random.pick(['on', 'off', true, false, 3]) } : {}),
    ...(random.chance(0.05) ? { motor: { speed: 5, on: true } } : {}),
  });
}

function bytesOf(payload: string | Uint8Array): Uint8Array {
  return typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
}
