import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectPacket, eventually, publishPacket, runIngest, type IngestUnderTest } from '../test/running-ingest.ts';

/** Ingest with low limits, which hold for this machine itself, too. */
const limits = {
  messagesPerSecond: 200,
  bytesPerSecond: '20KiB',
  unacknowledgedMax: 16,
  clientIdBytesMax: 20,
  filtersPerSubscribeMax: 3,
  subscriptionsMax: 5,
};

describe('what one client may do', () => {
  let under: IngestUnderTest;
  beforeAll(async () => {
    under = await runIngest({ limits });
  });
  afterAll(() => under[Symbol.asyncDispose]());
  const stored = (client: string) => under.publishes().filter((record) => record.client === client).length;

  it('messages above the rate wait in the network: none is lost, at QoS 0 and 1, and others do not wait', async () => {
    const flood = await under.connected('flood');
    const begun = performance.now();
    const messages = Array.from({ length: 700 }, (_, i) =>
      publishPacket('sensors/a/b', '1', i % 2 === 0 ? { qos: 0 } : { qos: 1, messageId: i }),
    );
    await under.counted('message-rate', () => flood.send(...messages));
    const good = await under.client({ clientId: 'good' });
    await good.publishAsync('sensors/a/good', '1', { qos: 1 });
    expect(stored('flood')).toBeLessThan(700);
    await eventually(() => expect(stored('flood')).toBe(700));
    // 200 at once, 500 more at 200 a second; that it took so long is what is tested, not how fast it is.
    expect(performance.now() - begun).toBeGreaterThan(2_400);
    await eventually(() => expect(flood.received('puback')).toHaveLength(350));
    expect(flood.closed).toBe(false);
  });

  it('what a client sent before it left at once is stored, too', async () => {
    const leaving = await under.connected('leaving');
    leaving.send(...Array.from({ length: 400 }, () => publishPacket('sensors/a/b', '1')), { cmd: 'disconnect' });
    leaving.socket.end();
    await eventually(() => expect(stored('leaving')).toBe(400));
  });

  it('bytes above the rate wait, and a payload larger than a second of it passes', async () => {
    const large = await under.connected('large');
    const payload = Buffer.alloc(30 * 1024, 'x');
    const send = () =>
      large.send(...[1, 2, 3].map((id) => publishPacket('sensors/a/b', payload, { qos: 1, messageId: id })));
    await under.counted('byte-rate', send);
    await eventually(() => expect(large.received('puback')).toHaveLength(3));
    expect(large.closed).toBe(false);
  });

  it('pings above the rate wait, too', async () => {
    const pinging = await under.connected('pinging');
    await under.counted('message-rate', () => pinging.send(Buffer.concat(Array(500).fill(Buffer.of(0xc0, 0)))));
    await eventually(() => expect(pinging.received('pingresp')).toHaveLength(500));
  });

  it('a client id longer than allowed is answered with return code 2', async () => {
    const client = await under.raw();
    await under.counted('client-id-too-long', () => client.send(connectPacket('é'.repeat(11))));
    await eventually(() => expect(client.received('connack')).toMatchObject([{ returnCode: 2 }]));
    await under.connected('é'.repeat(10));
  });

  it('filters beyond those of one SUBSCRIBE are refused with 0x80, each SUBSCRIBE anew', async () => {
    const client = await under.connected('filters');
    const filters = (...topics: string[]) => topics.map((topic) => ({ topic, qos: 1 as const }));
    const subscribe = (messageId: number, ...topics: string[]) =>
      ({ cmd: 'subscribe', messageId, subscriptions: filters(...topics) }) as const;
    await under.counted('too-many-filters', () => client.send(subscribe(1, 'a', 'b', 'c', 'd'), subscribe(2, 'd')));
    await eventually(() =>
      expect(client.received('suback').map(({ granted }) => granted)).toEqual([[1, 1, 1, 128], [1]]),
    );
  });

  it('subscriptions beyond those of a client are refused with 0x80, also when all are asked for at once', async () => {
    const client = await under.connected('subscriber');
    const subscribes = Array.from({ length: 20 }, (_, i) => ({
      cmd: 'subscribe' as const,
      messageId: i + 1,
      subscriptions: [{ topic: `s/${i}`, qos: 1 as const }],
    }));
    await under.counted('too-many-subscriptions', () => client.send(...subscribes));
    // Those refused are answered at once, the others when they hold.
    const acks = () => client.received('suback').toSorted((a, b) => a.messageId! - b.messageId!);
    const granted = () => acks().map((ack) => ack.granted[0]);
    await eventually(() => expect(granted()).toEqual([...Array(5).fill(1), ...Array(15).fill(128)]));
    client.send({ ...subscribes[0]!, messageId: 21 }, { cmd: 'unsubscribe', messageId: 22, unsubscriptions: ['s/0'] });
    await eventually(() => expect(client.received('unsuback')).toHaveLength(1));
    expect(granted().at(-1)).toBe(1);
    client.send({ ...subscribes[9]!, messageId: 23 }, { ...subscribes[10]!, messageId: 24 });
    await eventually(() => expect(granted().slice(-2)).toEqual([1, 128]));
  });
});

describe('what one address may do', () => {
  let under: IngestUnderTest;
  beforeAll(async () => {
    under = await runIngest({
      limits: { limitLoopback: true, connectionsPerSecond: 5, connectionsPerAddressMax: 8, connectionsMax: 30 },
    });
  });
  afterAll(() => under[Symbol.asyncDispose]());

  const open = async (from: string, port: number): Promise<Socket & { isClosed?: boolean }> => {
    const socket: Socket & { isClosed?: boolean } = connectSocket({ port, host: '127.0.0.1', localAddress: from });
    socket.on('error', () => {}); // a reset is one way to be closed
    socket.on('close', () => (socket.isClosed = true));
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    return socket;
  };

  it.each([
    ['MQTT', '127.0.0.2', () => under.ingest.mqttPort],
    ['HTTP', '127.0.0.3', () => under.ingest.httpPort],
  ] as const)('%s: more than so many a second are closed at once, another address is not', async (_, from, port) => {
    const sockets: (Socket & { isClosed?: boolean })[] = [];
    await under.counted('connection-rate', async () => {
      for (let i = 0; i < 12; i++) sockets.push(await open(from, port()));
    });
    await eventually(() => expect(sockets.filter(({ isClosed }) => isClosed).length).toBeGreaterThan(0));
    const good = await under.client({ clientId: 'good', localAddress: '127.0.0.9' } as object);
    await good.publishAsync('sensors/a/good', '1', { qos: 1 });
    await good.endAsync();
    for (const socket of sockets) socket.destroy();
  });

  it('one address never has all the connections there are', async () => {
    const sockets: (Socket & { isClosed?: boolean })[] = [];
    await under.counted('address-connections', async () => {
      await eventually(async () => {
        sockets.push(await open('127.0.0.4', under.ingest.mqttPort));
        expect(under.ingest.report().refused['address-connections']).toBeGreaterThan(0);
      });
    });
    const remaining = sockets.filter(({ isClosed }) => isClosed !== true);
    expect(remaining.length).toBeGreaterThan(0);
    const good = await under.client({ clientId: 'good' });
    await good.publishAsync('sensors/a/good', '1', { qos: 1 });
    for (const socket of sockets) socket.destroy();
  });
});
