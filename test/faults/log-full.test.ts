import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMillrace, until, type Millrace } from '../millrace.ts';

let millrace: Millrace;
let sensor: MqttClient;

beforeAll(async () => {
  millrace = await startMillrace({
    log: { maxBytes: '16MiB', keepBytes: '8MiB' },
    limits: { messagesPerSecond: 100_000, bytesPerSecond: '64MiB' },
  });
  sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, { reconnectPeriod: 250 });
});
afterAll(async () => {
  await sensor?.endAsync(true);
  await millrace?.[Symbol.asyncDispose]();
});

/** The return code of a CONNECT made just now; null when the connection was closed without an answer. */
async function connectReturnCode(): Promise<number | null> {
  const socket = connectSocket(millrace.ports.mqtt, '127.0.0.1');
  socket.on('error', () => {}); // a reset counts as closed
  await once(socket, 'connect');
  socket.write(Buffer.from([0x10, 16, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, 4, ...Buffer.from('full')]));
  const [first] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [null])])) as [
    Buffer | null,
  ];
  socket.destroy();
  return first === null ? null : first[3]!;
}

/** While storage can not write, nothing may be trimmed: the log reaches maxBytes, and then says no, loudly. */
it('at log.maxBytes acknowledgements stop, connections are refused with 3, and nothing acknowledged is lost', async () => {
  const influxd = await millrace.pidOf('influxd');
  process.kill(influxd, 'SIGSTOP');
  const padding = 'x'.repeat(1_000);
  const payload = JSON.stringify(Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`text${i}`, padding])));
  let sent = 0;
  let acknowledged = 0;
  try {
    await until(
      'a connection is refused because the log is full',
      async () => {
        for (; sent - acknowledged < 8; sent++)
          void sensor.publishAsync('sensors/plant1/verbose', payload, { qos: 1 }).then(() => acknowledged++);
        return (await connectReturnCode()) === 3;
      },
      90_000,
    );
    expect(acknowledged).toBeLessThan(sent);
    const ready = await until('readiness says so', async () => {
      const answer = await fetch(`${millrace.url}/readyz`);
      return answer.status === 503 && ((await answer.json()) as { reasons: string[] });
    });
    expect(ready.reasons.join()).toMatch(/log/i);
  } finally {
    process.kill(influxd, 'SIGCONT');
  }
  await until('what waited is acknowledged once the log was trimmed', () => acknowledged === sent, 90_000);
  await until('connections are accepted again', async () => (await connectReturnCode()) === 0);
  await until('every acknowledged reading is stored', async () => {
    const rows = await millrace.influx(`SELECT text0_text FROM readings WHERE device = 'verbose'`);
    return rows.length === sent;
  });
}, 300_000);
