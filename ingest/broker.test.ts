import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectPacket, eventually, publishPacket, runIngest, type IngestUnderTest } from '../test/running-ingest.ts';
import type { RefusalReason } from './refusals.ts';

let under: IngestUnderTest;

beforeAll(async () => void (under = await runIngest()));
afterAll(() => under[Symbol.asyncDispose]());

const logged = (client: string) => under.publishes().filter((record) => record.client === client);

describe('records', () => {
  it.each([0, 1, 2] as const)('a publish of QoS %s is in the log, byte for byte', async (qos) => {
    const client = await under.client({ clientId: `qos-${qos}` });
    const payload = Buffer.from([0, 255, 1, 128]);
    const before = Date.now() * 1000;
    await client.publishAsync('sensors/plant1/press-7', payload, { qos });
    await eventually(() => expect(logged(`qos-${qos}`)).toHaveLength(1));
    const [record] = logged(`qos-${qos}`);
    expect(record).toMatchObject({ topic: 'sensors/plant1/press-7', qos, retain: false, dup: false });
    expect([...record!.payload]).toEqual([...payload]);
    expect(record!.packetId > 0).toBe(qos > 0);
    expect(record!.receivedAtUs).toBeGreaterThan(before - 50_000);
    expect(record!.receivedAtUs).toBeLessThan(Date.now() * 1000 + 50_000);
  });

  it('connect and disconnect go to every partition, around what was published between', async () => {
    const client = await under.client({ clientId: 'coming-going' });
    await client.publishAsync('sensors/plant1/a', '1', { qos: 1 });
    await client.endAsync();
    const mine = () =>
      under.records.filter(
        (record) => record.kind !== 'control' && 'client' in record && record.client === 'coming-going',
      );
    await eventually(() => expect(mine()).toHaveLength(9));
    const connection = logged('coming-going')[0]!.connection;
    expect(mine().every((record) => 'connection' in record && record.connection === connection)).toBe(true);
    expect(mine().filter(({ kind }) => kind === 'connect')).toHaveLength(4);
    expect(mine().filter((record) => record.kind === 'disconnect' && record.clean)).toHaveLength(4);
  });

  it('a broken connection is no goodbye, and its will is published', async () => {
    const raw = await under.connected('broken', {
      will: { topic: 'sensors/plant1/status', payload: Buffer.from('gone'), qos: 1, retain: false },
    });
    raw.socket.destroy();
    await eventually(() => expect(logged('broken')).toMatchObject([{ topic: 'sensors/plant1/status', packetId: 0 }]));
    await eventually(() =>
      expect(under.records.filter((r) => r.kind === 'disconnect' && r.client === 'broken' && !r.clean)).toHaveLength(4),
    );
  });

  it('a tick goes to each partition about once a second', async () => {
    const before = under.ticks();
    await eventually(() => expect(under.ticks()).toBeGreaterThanOrEqual(before + 8));
  });

  it('each start has another producer, each connection another id', async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const client = await under.client({ clientId: 'again' });
      await client.publishAsync('sensors/plant1/again', '1', { qos: 1 });
      await client.endAsync();
    }
    await eventually(() => expect(logged('again')).toHaveLength(3));
    for (const { connection } of logged('again')) ids.add(connection);
    expect(ids.size).toBe(3);
  });

  it('what follows a CONNECT at once, up to the end of the connection, is taken', async () => {
    const raw = await under.raw();
    const many = Array.from({ length: 100 }, (_, i) => publishPacket('sensors/plant1/hasty', `${i}`));
    raw.send(connectPacket('hasty'), ...many, { cmd: 'disconnect' });
    raw.socket.end();
    await eventually(() => expect(logged('hasty')).toHaveLength(100));
  });
});

describe('acknowledgements', () => {
  it('come in the order of the publishes, whatever partition each went to, past 256 of them', async () => {
    const raw = await under.connected('ordered');
    const count = 1_000;
    for (let i = 1; i <= count; i++)
      raw.send(publishPacket(`sensors/plant1/device-${i % 37}`, `${i}`, { qos: 1, messageId: i }));
    await eventually(() => expect(raw.received('puback')).toHaveLength(count));
    expect(raw.received('puback').map(({ messageId }) => messageId)).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
    await eventually(() => expect(logged('ordered')).toHaveLength(count));
    for (const device of new Set(logged('ordered').map(({ topic }) => topic))) {
      const ids = logged('ordered')
        .filter(({ topic }) => topic === device)
        .map(({ packetId }) => packetId);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
  });

  it('QoS 2: the same identifier is one message until it is released, then another', async () => {
    const raw = await under.connected('twice');
    const first = publishPacket('sensors/plant1/twice', '1', { qos: 2, messageId: 9 });
    const again = publishPacket('sensors/plant1/twice', '1', { qos: 2, messageId: 9, dup: true });
    raw.send(first, again);
    await eventually(() => expect(raw.received('pubrec')).toHaveLength(2));
    raw.send(again);
    await eventually(() => expect(raw.received('pubrec')).toHaveLength(3));
    raw.send({ cmd: 'pubrel', messageId: 9 });
    await eventually(() => expect(raw.received('pubcomp')).toHaveLength(1));
    expect(logged('twice')).toHaveLength(1);
    raw.send(first);
    await eventually(() => expect(raw.received('pubrec')).toHaveLength(4));
    await eventually(() => expect(logged('twice')).toHaveLength(2));
  });

  it('QoS 2: thousands at once, sent before the first release, are all taken', async () => {
    const client = await under.client({ clientId: 'burst' });
    const sent = Array.from({ length: 2_500 }, (_, i) =>
      client.publishAsync('sensors/plant1/burst/n', String(i), { qos: 2 }),
    );
    await Promise.all(sent);
    await eventually(() => expect(logged('burst')).toHaveLength(2_500));
  });

  it('QoS 2 over a broken connection: a session remembers, and the log sees no second one', async () => {
    const raw = await under.connected('session-2', { clean: false });
    raw.send(publishPacket('sensors/plant1/s2', '1', { qos: 2, messageId: 5 }));
    await eventually(() => expect(raw.received('pubrec')).toHaveLength(1));
    raw.socket.destroy();
    const back = await under.connected('session-2', { clean: false });
    back.send(publishPacket('sensors/plant1/s2', '1', { qos: 2, messageId: 5, dup: true }));
    await eventually(() => expect(back.received('pubrec')).toHaveLength(1));
    expect(logged('session-2')).toHaveLength(1);
  });

  it('QoS 1 with DUP is logged as such: readers know it for a retransmission', async () => {
    const raw = await under.connected('dup');
    raw.send(publishPacket('sensors/plant1/dup', '1', { qos: 1, messageId: 3 }));
    raw.send(publishPacket('sensors/plant1/dup', '1', { qos: 1, messageId: 3, dup: true }));
    await eventually(() => expect(raw.received('puback')).toHaveLength(2));
    await eventually(() => expect(logged('dup').map(({ dup }) => dup)).toEqual([false, true]));
  });
});

describe('subscribers', () => {
  it('get what others publish, retained messages, and what was queued for their session', async () => {
    const sensor = await under.client({ clientId: 'publisher' });
    await sensor.publishAsync('local/retained', 'kept', { qos: 1, retain: true });
    const heard: string[] = [];
    const listen = async () => {
      const client = await under.client({ clientId: 'listener', clean: false });
      client.on('message', (topic, payload) => heard.push(`${topic}=${payload.toString()}`));
      return client;
    };
    const first = await listen();
    await first.subscribeAsync('local/#', { qos: 1 });
    await eventually(() => expect(heard).toEqual(['local/retained=kept']));
    await sensor.publishAsync('local/a', '1', { qos: 1 });
    await eventually(() => expect(heard).toContain('local/a=1'));
    await first.endAsync();
    await sensor.publishAsync('local/a', '2', { qos: 1 });
    heard.length = 0;
    await listen();
    await eventually(() => expect(heard).toEqual(['local/a=2']));
  });

  it('are refused $SYS with 0x80', async () => {
    const raw = await under.connected('curious');
    await under.counted('reserved-topic', () =>
      raw.send({
        cmd: 'subscribe',
        messageId: 4,
        subscriptions: [
          { topic: '$SYS/#', qos: 0 },
          { topic: 'a', qos: 1 },
        ],
      }),
    );
    await eventually(() => expect(raw.received('suback')).toMatchObject([{ granted: [128, 1] }]));
  });

  it('one that does not read is let go, and holds up nobody', async () => {
    const deaf = await under.connected('deaf');
    deaf.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'flood', qos: 1 }] });
    await eventually(() => expect(deaf.received('suback')).toHaveLength(1));
    deaf.socket.pause();
    const sensor = await under.client({ clientId: 'flooder' });
    const payload = Buffer.alloc(200_000);
    await under.counted('slow-subscriber', async () => {
      const deadline = Date.now() + 8_000;
      for (let i = 0; i < 100 && Date.now() < deadline; i++) await sensor.publishAsync('flood', payload, { qos: 1 });
    });
    deaf.socket.resume();
    await eventually(() => expect(deaf.closed).toBe(true));
  });
});

describe('refused', () => {
  const text = (value: string | number[]) => {
    const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const packet = (first: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([first, body.length]), body]);
  };

  it.each<[string, RefusalReason, Uint8Array]>([
    ['bytes that are not MQTT', 'malformed', Buffer.alloc(20, 0xff)],
    ['a CONNECT that announces 256 MB', 'connect-too-large', Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f)],
    ['a PUBLISH before CONNECT', 'not-connect', packet(0x30, text('a'))],
    ['a client id that is not UTF-8', 'client-id', packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 9]), text([0xff]))],
    [
      'an empty client id without a clean session',
      'client-id',
      packet(0x10, text('MQTT'), Buffer.from([4, 0, 0, 9]), text('')),
    ],
    ['MQTT 5', 'mqtt-5', packet(0x10, text('MQTT'), Buffer.from([5, 2, 0, 9, 0]), text('five'))],
  ])('before CONNECT: %s: %s', async (_, reason, bytes) => {
    const raw = await under.raw();
    await under.counted(reason, () => raw.send(bytes));
    await eventually(() => expect(raw.closed).toBe(true));
    const answers: Partial<Record<RefusalReason, object[]>> = {
      'mqtt-5': [{ cmd: 'connack', returnCode: 1 }],
      'client-id': [{ cmd: 'connack', returnCode: 2 }],
    };
    expect(raw.packets).toMatchObject(answers[reason] ?? []);
  });

  it.each<[string, RefusalReason, Uint8Array]>([
    ['NUL in a topic', 'bad-topic', packet(0x30, text('a\0b'))],
    ['a topic that is not UTF-8', 'bad-topic', packet(0x30, text([0x61, 0xff]))],
    ['an empty topic', 'bad-topic', packet(0x30, text(''))],
    ['wildcards', 'wildcard-topic', packet(0x30, text('a/#'))],
    ['$SYS', 'reserved-topic', packet(0x30, text('$SYS/x/new/clients'), Buffer.from('deaf'))],
    ['packet identifier 0', 'malformed', packet(0x32, text('a'), Buffer.from([0, 0]))],
    ['a payload over the limit, by its header', 'too-large', Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f)],
    ['a second CONNECT', 'not-connect', packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 9]), text('x'))],
    ['a filter with NUL', 'bad-filter', packet(0x82, Buffer.from([0, 1]), text('a\0b'), Buffer.from([0]))],
  ])('after CONNECT: %s: %s', async (_, reason, bytes) => {
    const raw = await under.connected('misbehaving');
    await under.counted(reason, () => raw.send(bytes));
    await eventually(() => expect(raw.closed).toBe(true));
    expect(logged('misbehaving')).toEqual([]);
  });

  it('a namesake closes the older connection, and is counted', async () => {
    const older = await under.connected('namesake');
    await under.counted('taken-over', () => under.connected('namesake'));
    await eventually(() => expect(older.closed).toBe(true));
  });

  it('silence beyond one and a half keepalives', async () => {
    const silent = await under.connected('silent', { keepalive: 1 });
    await under.counted('silent', () => {});
    await eventually(() => expect(silent.closed).toBe(true));
  });

  it('a topic of 100 levels is logged: decoding says what is wrong with it', async () => {
    const client = await under.client({ clientId: 'deep' });
    await client.publishAsync(Array.from({ length: 100 }, () => 'x').join('/'), '1', { qos: 1 });
    await eventually(() => expect(logged('deep')).toHaveLength(1));
  });
});
