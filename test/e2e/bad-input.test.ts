import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerDifference } from '../../events/ledger.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';

const nested = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const yearUs = 365 * 86_400 * 1_000_000;

/** Whatever is sent: a counted reason or a closed connection, and the device beside it loses nothing. */
describe('bad input', () => {
  let millrace: Millrace;
  let sensor: MqttClient;
  let good: MqttClient;
  let published = 0;

  beforeAll(async () => {
    millrace = await startMillrace({ limits: { devicesMax: 400, messagesPerSecond: 100_000 } });
    const address = `mqtt://127.0.0.1:${millrace.ports.mqtt}`;
    sensor = await connectAsync(address);
    good = await connectAsync(address);
  });
  afterAll(async () => {
    await sensor?.endAsync(true);
    await good?.endAsync(true);
    await millrace?.[Symbol.asyncDispose]();
  });

  const reasons = async () => {
    const answer = (await millrace.get('/api/v1/quarantine')) as { reasons: { reason: string; count: number }[] };
    return new Map(answer.reasons.map(({ reason, count }) => [reason, count]));
  };
  const publish = async (topic: string, payload: string | Buffer) => {
    await sensor.publishAsync(topic, payload, { qos: 1 });
    published++;
  };
  /** The well-behaved device is acknowledged throughout. */
  const goodReading = async () => {
    await good.publishAsync('sensors/plant1/good', JSON.stringify({ temperature: 20 }), { qos: 1 });
    published++;
  };

  it.each<[string, string, string | Buffer]>([
    ['no-template', 'home/kitchen/sensor/1/2/3', '{"temperature":1}'],
    ['no-template', Array(100).fill('l').join('/'), '1'],
    ['bad-key', Array(100).fill('level').join('/'), '1'],
    ['not-json', 'sensors/plant1/bad', 'temperature=1'],
    ['not-json', 'sensors/plant1/bad', ''],
    ['not-json', 'sensors/plant1/bad', '[1,2'],
    ['no-fields', 'sensors/plant1/bad', '{}'],
    ['wrong-shape', 'sensors/plant1/bad', '{"temperature":[[1,2]]}'],
    ['not-finite', 'sensors/plant1/bad', '{"temperature":1e999}'],
    ['not-finite', 'sensors/plant1/bad/temperature', 'NaN'],
    ['not-finite', 'sensors/plant1/bad/temperature', 'Infinity'],
    ['too-deep', 'sensors/plant1/bad', nested(9)],
    ['too-deep', 'sensors/plant1/bad', nested(20_000)],
    [
      'too-many-fields',
      'sensors/plant1/bad',
      JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, i]))),
    ],
    ['bad-key', 'sensors/plant1/bad', '{"__proto__":{"polluted":1}}'],
    ['bad-key', 'sensors/plant1/bad', '{"constructor":1}'],
    ['bad-text', 'sensors/plant1/bad', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['clock-unset', 'sensors/plant1/bad', '{"temperature":1,"time":12345}'],
    ['clock-ahead', 'sensors/plant1/bad', `{"temperature":1,"time":${Date.now() * 1_000 + yearUs}}`],
    ['beyond-retention', 'sensors/plant1/bad', `{"temperature":1,"time":${Date.now() * 1_000 - yearUs}}`],
  ])('%s: %s', async (reason, topic, payload) => {
    const before = (await reasons()).get(reason) ?? 0;
    await publish(topic, payload);
    await goodReading();
    await until(`${reason} is counted`, async () => ((await reasons()).get(reason) ?? 0) === before + 1);
  });

  it('storage-refused: a point that InfluxDB refuses does not block others', async () => {
    // Somebody else wrote text into the field first: InfluxDB refuses numbers there from now on.
    const target = `http://127.0.0.1:${millrace.ports.influx}/write?db=millrace`;
    const foreign = await fetch(target, { method: 'POST', body: 'readings,device=foreign contested="text"' });
    expect(foreign.status).toBe(204);
    await publish('sensors/plant1/contested', '{"contested":1}');
    await publish('sensors/plant1/uncontested', '{"temperature":21.5}');
    await until('it is counted', async () => (await reasons()).get('storage-refused') === 1);
    await until('the other is stored', async () => {
      const rows = await millrace.influx(`SELECT * FROM readings WHERE device = 'uncontested'`);
      return rows.length === 1;
    });
  });

  it('too-many-devices: the log knows devicesMax devices, and no more', async () => {
    for (let i = 0; i < 600; i++) await publish(`sensors/plant1/flood-${i}`, '{"temperature":1}');
    await goodReading();
    await until('it is counted', async () => ((await reasons()).get('too-many-devices') ?? 0) > 0);
  });

  const connectPacket = (protocolLevel: number) =>
    Buffer.from([0x10, 16, 0, 4, ...Buffer.from('MQTT'), protocolLevel, 2, 0, 60, 0, 4, ...Buffer.from('raw1')]);

  it.each<[string, (socket: Socket) => void]>([
    ['bytes that are not MQTT', (socket) => socket.write(Buffer.alloc(64, 0xff))],
    ['a CONNECT that claims 256 MB', (socket) => socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4]))],
    [
      'a PUBLISH over the payload limit',
      (socket) => {
        socket.write(connectPacket(4));
        socket.write(Buffer.concat([Buffer.from([0x30, 0x80, 0x80, 0x40]), Buffer.alloc(64 * 1024, 0x61)]));
      },
    ],
    [
      'NUL in a topic',
      (socket) => {
        socket.write(connectPacket(4));
        socket.write(Buffer.from([0x30, 6, 0, 3, 0x61, 0, 0x62, 0x31]));
      },
    ],
    [
      'a topic that is not UTF-8',
      (socket) => {
        socket.write(connectPacket(4));
        socket.write(Buffer.from([0x30, 6, 0, 3, 0x61, 0xff, 0x62, 0x31]));
      },
    ],
  ])('the connection is closed: %s', async (_what, misbehave) => {
    const socket = connectSocket(millrace.ports.mqtt, '127.0.0.1');
    socket.on('error', () => {}); // a reset is as good as an end
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.resume();
    misbehave(socket);
    await closed;
    await goodReading();
  });

  it('MQTT 5 is refused with return code 1', async () => {
    const socket = connectSocket(millrace.ports.mqtt, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    const answer = once(socket, 'data') as Promise<[Buffer]>;
    // An MQTT 5 CONNECT has a property length after the keepalive.
    socket.write(Buffer.from([0x10, 17, 0, 4, ...Buffer.from('MQTT'), 5, 2, 0, 60, 0, 0, 4, ...Buffer.from('raw5')]));
    expect([...(await answer)[0]]).toEqual([0x20, 2, 0, 1]);
    socket.destroy();
    await goodReading();
  });

  it('300,000 device names do not hurt the others, and every publish is in the ledger', async () => {
    const before = published;
    const flood = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
    const names = 300_000;
    for (let i = 0; i < names; i += 1_000)
      await Promise.all(
        Array.from({ length: 1_000 }, (_, k) =>
          flood.publishAsync(`sensors/plant1/name-${i + k}`, '{"t":1}', { qos: 1 }),
        ),
      );
    await flood.endAsync();
    published += names;
    await goodReading();
    const ledger = await until(
      'everything is accounted for',
      async () => {
        const now = await millrace.ledger();
        return now.inFlight === 0 && now.received >= published && now;
      },
      180_000,
    );
    expect(ledgerDifference(ledger)).toBe(0);
    expect(ledger.received - before).toBeGreaterThanOrEqual(names);
    expect(ledger.quarantined).toBeGreaterThan(names - 400);
  }, 300_000);
});
