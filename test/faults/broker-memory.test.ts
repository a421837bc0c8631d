import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buckets } from '../../events/subjects.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import { connectPacket, RawClient } from '../running-ingest.ts';
import { ingestProcesses, type IngestProcesses } from '../ingest-process.ts';
import { until } from '../millrace.ts';

let under: IngestProcesses;

afterEach(() => under[Symbol.asyncDispose]());

/** Subscribes with QoS 1 by a session, and leaves. Resolves with the SUBACK in hand. */
async function subscribeAndLeave(id: string, topic: string, slot?: string): Promise<RawClient> {
  const raw = await RawClient.open(under.port(slot));
  raw.send(connectPacket(id, { clean: false }));
  await until('it is connected', () => raw.received('connack').length === 1);
  raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] });
  await until('it has its SUBACK', () => raw.received('suback').length === 1);
  return raw;
}

async function comeBack(id: string, slot?: string): Promise<RawClient> {
  const raw = await RawClient.open(under.port(slot));
  raw.send(connectPacket(id, { clean: false }));
  await until('it is connected', () => raw.received('connack').length === 1);
  return raw;
}

const texts = (raw: RawClient) =>
  raw.received('publish').map(({ topic, payload }) => `${topic}=${Buffer.from(payload as Buffer).toString()}`);

async function one(): Promise<void> {
  under = await ingestProcesses();
  await under.start();
}

describe('kill -9 of ingest', () => {
  beforeEach(one);

  it('at once after each answer: what was acknowledged retained, subscribed and queued is there', async () => {
    await subscribeAndLeave('away', 'orders/#');
    await under.kill9();
    await under.start();
    const sender = await under.client();
    await sender.publishAsync('orders/1', 'first', { qos: 1 });
    await sender.publishAsync('state/lamp', 'on', { qos: 1, retain: true });
    await sender.publishAsync('state/gone', 'x', { qos: 1, retain: true });
    await sender.publishAsync('state/gone', '', { qos: 1, retain: true });
    await under.kill9();
    await under.start();
    const back = await comeBack('away');
    expect(back.received('connack')).toMatchObject([{ sessionPresent: true }]);
    await until('the queued message comes', () => texts(back).length > 0);
    expect(texts(back)).toEqual(['orders/1=first']);
    back.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'state/#', qos: 1 }] });
    await until('the retained message comes', () => texts(back).length > 1);
    expect(texts(back).slice(1)).toEqual(['state/lamp=on']);
  });

  it('again and again in the middle of publishes: nothing acknowledged is missing, and what waits comes in order', async () => {
    await subscribeAndLeave('away', 'orders/#');
    const acknowledged: number[] = [];
    let next = 0;
    for (let round = 0; round < 4; round++) {
      const sender = await under.client();
      const target = acknowledged.length + 60;
      const sending = (async () => {
        for (;;) {
          const n = next++;
          const retained = sender.publishAsync(`state/${n % 10}`, String(n), { qos: 1, retain: true });
          await Promise.all([sender.publishAsync('orders/1', String(n), { qos: 1 }), retained]);
          acknowledged.push(n);
        }
      })().catch(() => undefined);
      await until('some are acknowledged', () => acknowledged.length >= target);
      await under.kill9();
      sender.end(true);
      await sending;
      await under.start();
    }
    const back = await comeBack('away');
    const numbers = () => texts(back).map((text) => Number(text.split('=')[1]));
    await until('all acknowledged come', () => acknowledged.every((n) => numbers().includes(n)));
    const firsts = [...new Set(numbers())];
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));

    const watcher = await RawClient.open(under.port());
    watcher.send(connectPacket('watcher'), {
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'state/#', qos: 0 }],
    });
    await until('all retained come', () => texts(watcher).length === 10);
    for (const text of texts(watcher)) {
      const [topic, value] = text.split('=') as [string, string];
      const last = acknowledged.findLast((n) => `state/${n % 10}` === topic)!;
      // A later one may be in the log without an acknowledgement that arrived.
      expect(Number(value)).toBeGreaterThanOrEqual(last);
    }
  });

  it('an unsubscription and a session that was ended stay so', async () => {
    const first = await subscribeAndLeave('leaving', 'orders/#');
    first.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['orders/#'] });
    await until('it has its UNSUBACK', () => first.received('unsuback').length === 1);
    await subscribeAndLeave('ending', 'orders/#');
    const clean = await RawClient.open(under.port());
    clean.send(connectPacket('ending', { clean: true }));
    await until('it is connected', () => clean.received('connack').length === 1);
    await under.kill9();
    await under.start();
    for (const id of ['leaving', 'ending'])
      expect((await comeBack(id)).received('connack')).toMatchObject([{ sessionPresent: false }]);
  });

  it('what was published before a subscription does not come with it', async () => {
    const sender = await under.client();
    await sender.publishAsync('orders/1', 'before', { qos: 1 });
    await subscribeAndLeave('late', 'orders/#');
    await sender.publishAsync('orders/1', 'after', { qos: 1 });
    await under.kill9();
    await under.start();
    const back = await comeBack('late');
    await until('the queued message comes', () => texts(back).length > 0);
    expect(texts(back)).toEqual(['orders/1=after']);
  });
});

it('an orderly stop: what was confirmed does not come again', async () => {
  await one();
  const here = await subscribeAndLeave('here', 'orders/#');
  const sender = await under.client();
  await sender.publishAsync('orders/1', 'confirmed', { qos: 1 });
  await until('it comes', () => here.received('publish').length === 1);
  here.send({ cmd: 'puback', messageId: here.received('publish')[0]!.messageId! });
  // Its answer says that what came before it was read.
  here.send({ cmd: 'pingreq' });
  await until('it is read', () => here.received('pingresp').length === 1);
  here.socket.destroy();
  await sender.publishAsync('orders/1', 'waiting', { qos: 1 });
  await under.stop();
  await under.start();
  const back = await comeBack('here');
  await until('the queued message comes', () => texts(back).length > 0);
  expect(texts(back)).toEqual(['orders/1=waiting']);
});

it('a snapshot and what the log holds after it give the whole: retained, removed, queued, confirmed', async () => {
  await one();
  const bucket = await openBucket(under.bus, buckets.broker);
  const here = await subscribeAndLeave('here', 'orders/#');
  await subscribeAndLeave('away', 'orders/#').then(({ socket }) => socket.destroy());
  const sender = await under.client();
  const send = (topic: string, text: string, retain = false) => sender.publishAsync(topic, text, { qos: 1, retain });
  await send('state/a', '1', true);
  await send('state/b', '1', true);
  await send('orders/1', 'first');
  await until('it comes', () => here.received('publish').length === 1);
  here.send({ cmd: 'puback', messageId: here.received('publish')[0]!.messageId! });
  const before = (await bucket.get('ingest'))!.revision;
  await until('a snapshot is written', async () => (await bucket.get('ingest'))!.revision > before);
  await send('state/a', '2', true);
  await send('state/b', '', true);
  await send('state/c', '1', true);
  await send('orders/2', 'second');
  await under.kill9();
  await under.start();
  const away = await comeBack('away');
  await until('what was queued comes', () => texts(away).length === 2);
  expect(texts(away)).toEqual(['orders/1=first', 'orders/2=second']);
  // It had the first and confirmed it before the snapshot.
  const back = await comeBack('here');
  await until('the second comes', () => texts(back).length > 0);
  expect(texts(back)).toEqual(['orders/2=second']);
  back.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'state/#', qos: 0 }] });
  await until('the retained come', () => texts(back).length === 3);
  expect(texts(back).slice(1).toSorted()).toEqual(['state/a=2', 'state/c=1']);
});

describe('two ingest processes', () => {
  const slots = ['ingest', 'ingest-2'];

  beforeEach(async () => {
    under = await ingestProcesses({ processes: { ingest: 2 } }, slots);
    for (const slot of slots) await under.start(slot);
  });

  it('what one takes in, subscribers and sessions of the other get, once, and its retained messages', async () => {
    const here = await subscribeAndLeave('here', 'orders/#', 'ingest-2');
    (await subscribeAndLeave('away', 'orders/#', 'ingest-2')).socket.destroy();
    const sender = await under.client({}, 'ingest');
    for (let i = 0; i < 20; i++) await sender.publishAsync('orders/1', String(i), { qos: 1 });
    await sender.publishAsync('state/lamp', 'on', { qos: 1, retain: true });
    const expected = Array.from({ length: 20 }, (_, i) => `orders/1=${i}`);
    await until('the subscriber hears all', () => texts(here).length >= expected.length);
    expect(texts(here)).toEqual(expected);
    const back = await comeBack('away', 'ingest-2');
    await until('what was queued comes', () => texts(back).length >= expected.length);
    expect(texts(back)).toEqual(expected);
    back.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'state/#', qos: 0 }] });
    await until('the retained message comes', () => texts(back).length > expected.length);
    expect(texts(back).at(-1)).toBe('state/lamp=on');
  });

  it('agree on the last retained message of a topic that both are sent, also after kill -9', async () => {
    const senders = await Promise.all(slots.map((slot) => under.client({}, slot)));
    const topics = Array.from({ length: 20 }, (_, i) => `state/${i}`);
    for (let round = 0; round < 20; round++)
      await Promise.all(
        senders.flatMap((sender, s) =>
          topics.map((topic) => sender.publishAsync(topic, `${round} of ${s}`, { qos: 1, retain: true })),
        ),
      );
    const seenBy = async (slot: string) => {
      const raw = await RawClient.open(under.port(slot));
      raw.send(connectPacket(`watch-${slot}`), {
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: 'state/#', qos: 0 }],
      });
      await until('all retained come', () => texts(raw).length >= topics.length);
      return texts(raw).slice(0, topics.length).toSorted();
    };
    const agreed = await until('both say the same', async () => {
      const [first, second] = [await seenBy('ingest'), await seenBy('ingest-2')];
      return first.join() === second.join() && first;
    });
    await under.kill9('ingest-2');
    await under.start('ingest-2');
    expect(await seenBy('ingest-2')).toEqual(agreed);
  });
});
