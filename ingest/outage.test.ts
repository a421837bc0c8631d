import { describe, expect, it } from 'vitest';
import { purgeBefore, streamInfo } from '../infra/bus/streams.ts';
import { connectPacket, eventually, publishPacket, runIngest, type IngestUnderTest } from '../test/running-ingest.ts';

const commit = { waitingRecordsMax: 300 };
const publishes = (from: number, count: number, qos: 0 | 1 | 2 = 1) =>
  Array.from({ length: count }, (_, i) =>
    publishPacket(`sensors/plant1/device-${(from + i) % 7}`, `${from + i}`, { qos, messageId: from + i }),
  );

async function returnCode(under: IngestUnderTest): Promise<number | undefined> {
  const raw = await under.raw();
  raw.send(connectPacket('late'));
  await eventually(() => expect(raw.closed || raw.received('connack').length > 0).toBe(true));
  raw.socket.destroy();
  return raw.received('connack')[0]?.returnCode;
}

describe('while nats-server answers nothing', () => {
  it('nothing is acknowledged; afterwards everything is, once, in order', async () => {
    await using under = await runIngest();
    const raw = await under.connected('patient');
    raw.send(...publishes(1, 10));
    await eventually(() => expect(raw.received('puback')).toHaveLength(10));
    under.nats.pause();
    raw.send(...publishes(11, 200), ...publishes(211, 50, 2));
    await eventually(() => expect(under.ingest.report()).toMatchObject({ writable: false }));
    expect(under.ingest.report().waiting).toBeGreaterThanOrEqual(250);
    expect(raw.received('puback')).toHaveLength(10);
    expect(raw.received('pubrec')).toHaveLength(0);
    under.nats.resume();
    await eventually(() => expect(raw.received('pubrec')).toHaveLength(50));
    expect(raw.received('puback').map(({ messageId }) => messageId)).toEqual(
      Array.from({ length: 210 }, (_, i) => i + 1),
    );
    await eventually(() => expect(under.publishes()).toHaveLength(260));
  });

  it('at the cap no sensor is read or blamed for silence, CONNECT gets 3, QoS 0 is dropped; all of it ends', async () => {
    await using under = await runIngest({ commit });
    const sensors = await Promise.all([1, 2, 3].map((n) => under.connected(`sensor-${n}`, { keepalive: 1 })));
    const talker = await under.connected('talker');
    under.nats.pause();
    for (const sensor of sensors) sensor.send(...publishes(1, 256));
    await eventually(async () => expect(await returnCode(under)).toBe(3));
    expect(under.ingest.report().refused['busy']).toBeGreaterThan(0);
    // Longer than one and a half of their keepalives, with not a byte read from them.
    const second = under.ingest.report().atUs;
    await eventually(() => expect(under.ingest.report().atUs - second).toBeGreaterThan(3_000_000));
    expect(under.ingest.report().refused['silent']).toBe(0);
    talker.send(...publishes(1, 50));
    under.nats.resume();
    for (const sensor of sensors) await eventually(() => expect(sensor.received('puback')).toHaveLength(256));
    await eventually(() => expect(talker.received('puback')).toHaveLength(50));
    await eventually(async () => expect(await returnCode(under)).toBe(0));
    await eventually(() => expect(under.publishes()).toHaveLength(3 * 256 + 50));
  });

  it('QoS 0 beyond the cap is dropped and counted, QoS 1 is not', async () => {
    await using under = await runIngest({ commit });
    const sensors = await Promise.all([1, 2, 3].map((n) => under.connected(`careless-${n}`)));
    under.nats.pause();
    for (const sensor of sensors) sensor.send(...publishes(1, 250, 0), ...publishes(1, 100));
    await eventually(() => expect(under.ingest.report().refused['qos0-dropped']).toBeGreaterThan(0));
    under.nats.resume();
    for (const sensor of sensors) await eventually(() => expect(sensor.received('puback')).toHaveLength(100));
    const { refused, publishes: taken } = under.ingest.report();
    expect(taken).toBe(3 * 350);
    await eventually(() => expect(under.publishes()).toHaveLength(taken - refused['qos0-dropped']!));
    expect(under.publishes().filter(({ qos }) => qos === 1)).toHaveLength(300);
  });

  it('one that floods is not read beyond its share: the others come through', async () => {
    await using under = await runIngest({ commit });
    const flood = await under.connected('flood');
    const modest = await under.connected('modest');
    under.nats.pause();
    flood.send(...publishes(1, 5_000, 0));
    await eventually(() => expect(under.ingest.report().publishes).toBe(256));
    modest.send(...publishes(1, 10, 0));
    await eventually(() => expect(under.ingest.report().publishes).toBe(266));
    under.nats.resume();
    await eventually(() => expect(under.publishes()).toHaveLength(5_010));
    expect(under.ingest.report().refused['qos0-dropped']).toBe(0);
  });

  it('one that sends the largest payloads fills only its own share of bytes', async () => {
    await using under = await runIngest();
    const giant = await under.connected('giant');
    const modest = await under.connected('modest');
    under.nats.pause();
    const payload = Buffer.alloc(200 * 1024, 'x');
    for (let id = 1; id <= 40; id++)
      giant.send(publishPacket('sensors/plant1/giant', payload, { qos: 1, messageId: id }));
    // A mebibyte, and what had begun by then.
    await eventually(() => expect(under.ingest.report().publishes).toBeGreaterThanOrEqual(6));
    modest.send(...publishes(1, 10));
    await eventually(() => expect(under.ingest.report().publishes).toBeGreaterThanOrEqual(16));
    expect(under.ingest.report().publishes).toBeLessThanOrEqual(17);
    under.nats.resume();
    await eventually(() => expect(giant.received('puback')).toHaveLength(40));
    await eventually(() => expect(modest.received('puback')).toHaveLength(10));
  });
});

it('kill -9 of nats-server under load: what was acknowledged is in the log, each once', async () => {
  await using under = await runIngest();
  const sensors = await Promise.all(Array.from({ length: 5 }, (_, n) => under.connected(`sensor-${n}`)));
  const acknowledged = () => sensors.reduce((sum, sensor) => sum + sensor.received('puback').length, 0);
  for (const sensor of sensors) sensor.send(...publishes(1, 2_000));
  await eventually(() => expect(acknowledged()).toBeGreaterThan(1_000));
  await under.nats.restart();
  await eventually(() => expect(acknowledged()).toBe(10_000), 20_000);
  await eventually(() => expect(under.publishes()).toHaveLength(10_000));
});

it('a full log: acknowledgements stop, CONNECT gets 3, until it is trimmed', async () => {
  await using under = await runIngest({ logBytes: 512 * 1024, partitions: 1 });
  const raw = await under.connected('verbose');
  let sent = 0;
  await eventually(async () => {
    if (sent - raw.received('puback').length < 20)
      raw.send(publishPacket('sensors/plant1/verbose', Buffer.alloc(10_000), { qos: 1, messageId: ++sent }));
    expect(await returnCode(under)).toBe(3);
  });
  expect(under.ingest.report()).toMatchObject({ writable: false });
  expect(under.ingest.report().refused['log-full']).toBeGreaterThan(0);
  expect(raw.received('puback').length).toBeLessThan(sent);
  const { lastSequence } = await streamInfo(under.bus, 'LOG');
  await purgeBefore(under.bus, 'LOG', lastSequence);
  await eventually(() => expect(raw.received('puback')).toHaveLength(sent));
  await eventually(async () => expect(await returnCode(under)).toBe(0));
  expect(under.ingest.report()).toMatchObject({ writable: true });
});

it('a stop stores what waits, says goodbye for its clients, and leaves nothing behind', async () => {
  await using under = await runIngest();
  const raw = await under.connected('served');
  raw.send(...publishes(1, 100));
  await eventually(() => expect(under.ingest.report().publishes).toBe(100));
  await under.ingest.stop();
  await eventually(() => expect(raw.closed).toBe(true));
  await eventually(() => expect(under.publishes()).toHaveLength(100));
  expect(raw.received('puback')).toHaveLength(100);
  await eventually(() => expect(under.records.filter(({ kind }) => kind === 'disconnect')).toHaveLength(4));
});

it('over connectionsMax sockets are closed', async () => {
  await using under = await runIngest({ limits: { connectionsMax: 2 } });
  await under.connected('one');
  await under.connected('two');
  const third = await under.raw();
  await eventually(() => expect(third.closed).toBe(true));
  expect(under.ingest.report().refused['too-many-connections']).toBe(1);
});
