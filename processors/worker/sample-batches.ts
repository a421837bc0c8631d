import type { LogRecord } from '../../events/record.ts';

/** A log made by hand, for tests of the worker. */

/** One publish of a device. */
function publish(startUs: number, device: string, at: number, payload: string, dup = false): LogRecord {
  return {
    kind: 'publish',
    client: device,
    connection: `${device}-1`,
    packetId: (at % 65_535) + 1,
    topic: `sensors/plant1/${device}`,
    payload: Buffer.from(payload),
    qos: 1,
    retain: false,
    dup,
    receivedAtUs: startUs,
  };
}

/** A reading of a device, at a step of a tenth of a second. */
export const reading = (startUs: number, device: string, at: number, temperature: number, dup = false) =>
  publish(
    startUs,
    device,
    at,
    JSON.stringify({ time: new Date((startUs + at * 100_000) / 1000).toISOString(), temperature }),
    dup,
  );

/** `count` batches: three devices, values that cross the limits, late ones, retransmissions, and some that are none. */
export function batches(startUs: number, count: number): LogRecord[][] {
  return Array.from({ length: count }, (_, at) => {
    const wave = (shift: number) => Math.round(50 + 30 * Math.sin((at + shift) / 9));
    const records = [
      reading(startUs, 'a', at, wave(0)),
      reading(startUs, 'b', at, wave(5)),
      reading(startUs, 'c', at - (at % 7), wave(3)),
    ];
    if (at % 5 === 4) records.push(reading(startUs, 'a', at, wave(0), true));
    if (at % 11 === 3) records.push(publish(startUs, 'a', at, 'no json'));
    if (at % 10 === 0) records.push({ kind: 'tick', instance: 'i', atUs: startUs });
    return records;
  });
}
