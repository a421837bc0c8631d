import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectPacket, RawClient } from '../running-ingest.ts';
import { ingestProcesses, type IngestProcesses } from '../ingest-process.ts';
import { until } from '../millrace.ts';

let under: IngestProcesses;

beforeEach(async () => {
  under = await ingestProcesses();
  await under.start();
});
afterEach(() => under[Symbol.asyncDispose]());

/** Subscribes with QoS 1 by a session, and leaves. Resolves with the SUBACK in hand. */
async function subscribeAndLeave(id: string, topic: string): Promise<RawClient> {
  const raw = await RawClient.open(under.port());
  raw.send(connectPacket(id, { clean: false }));
  await until('it is connected', () => raw.received('connack').length === 1);
  raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] });
  await until('it has its SUBACK', () => raw.received('suback').length === 1);
  return raw;
}

async function comeBack(id: string): Promise<RawClient> {
  const raw = await RawClient.open(under.port());
  raw.send(connectPacket(id, { clean: false }));
  await until('it is connected', () => raw.received('connack').length === 1);
  return raw;
}

const texts = (raw: RawClient) =>
  raw.received('publish').map(({ topic, payload }) => `${topic}=${Buffer.from(payload as Buffer).toString()}`);

describe('kill -9 of ingest', () => {
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
