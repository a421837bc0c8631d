/**
 * A fleet in a process of its own, which keeps the record of acknowledgements while Millrace is being killed.
 *
 *     node load-client.ts <mqtt port> <devices> <readings per device> <start, us> <file> [<pause between readings of a device, ms>]
 *
 * Each device has one reading in flight: the next is published when the one before was acknowledged, so each
 * device's order is the order of its event times, retransmissions included. Each acknowledged reading becomes a line
 * `device timeUs value` in the file, written before the next is sent. Ends with status 0 when all are acknowledged.
 */
import { openSync, writeSync } from 'node:fs';
import { connect } from 'mqtt';
import { deviceName, valueAt } from './load.ts';

const [port, devices, readings, startUs] = process.argv.slice(2, 6).map(Number) as [number, number, number, number];
const file = openSync(process.argv[6]!, 'a');
const pauseMs = Number(process.argv[7] ?? 0);

const client = connect(`mqtt://127.0.0.1:${port}`, {
  clientId: 'load-client',
  clean: false,
  reconnectPeriod: 250,
  connectTimeout: 5_000,
  keepalive: 30,
});
client.on('error', () => {}); // a refused connection is part of the test: it reconnects

let open = devices;
const send = (device: number, index: number) => {
  if (index === readings) {
    if (--open === 0) client.end(false, () => process.exit(0));
    return;
  }
  const timeUs = startUs + index * 1_000_000;
  const value = valueAt(device, index);
  const payload = JSON.stringify({ temperature: value, time: timeUs });
  client.publish(`sensors/plant1/${deviceName(device)}`, payload, { qos: 1 }, (error) => {
    if (error) return send(device, index); // not acknowledged: the same reading once more
    writeSync(file, `${deviceName(device)} ${timeUs} ${value}\n`);
    if (pauseMs === 0) send(device, index + 1);
    else setTimeout(() => send(device, index + 1), pauseMs);
  });
};
client.once('connect', () => {
  for (let device = 0; device < devices; device++) send(device, 0);
});
