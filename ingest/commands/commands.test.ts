import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandOrder, CommandView, OrderAnswer } from '../../events/command.ts';
import { encodeCommand } from '../../events/command-payload.ts';
import type { CommandRecord } from '../../events/record.ts';
import { subjects } from '../../events/subjects.ts';
import { requestCore } from '../../infra/bus/core.ts';
import {
  connectPacket,
  eventually,
  publishPacket,
  runIngest,
  type IngestUnderTest,
} from '../../test/running-ingest.ts';

let under: IngestUnderTest;

const answering = {
  template: 'cmnd/{device}/{command}',
  acknowledge: 'answer',
  answerTemplate: 'stat/{device}/{command}',
};

beforeAll(
  async () =>
    void (under = await runIngest({
      written: { commands: [{ template: 'sensors/{site}/{device}/commands/{command}' }, answering] },
    })),
);
afterAll(() => under[Symbol.asyncDispose]());

let count = 0;

function orderFor(device: string, more: Partial<CommandOrder> = {}): CommandOrder {
  const id = `c${++count}`;
  const command = 'reboot';
  return {
    id,
    device: `plant1/${device}`,
    command,
    topic: `sensors/plant1/${device}/commands/${command}`,
    payload: Buffer.from(encodeCommand('json', { id, command, payload: { in: 5 } })).toString('base64'),
    qos: 1,
    acknowledge: 'puback',
    attempts: 3,
    timeoutMs: 20_000,
    ...more,
  };
}

async function ask(order: CommandOrder): Promise<OrderAnswer> {
  const data = await requestCore(under.bus, subjects.commandRequest, JSON.stringify(order), 5_000);
  return JSON.parse(Buffer.from(data).toString()) as OrderAnswer;
}

async function view({ device, id }: CommandOrder): Promise<CommandView> {
  const query = JSON.stringify({ device, id, limit: 1 });
  const data = await requestCore(under.bus, subjects.commandQuery, query, 5_000);
  return (JSON.parse(Buffer.from(data).toString()) as CommandView[])[0]!;
}

const states = (order: CommandOrder) =>
  under.records
    .filter((record): record is CommandRecord => record.kind === 'command' && record.id === order.id)
    .map(({ state }) => state);

/** A device that notes what it gets. */
async function connected(name: string, filter = `sensors/plant1/${name}/commands/#`, clientId = name) {
  const client: MqttClient = await under.client({ clientId });
  const heard: { topic: string; payload: string }[] = [];
  client.on('message', (topic, payload) => heard.push({ topic, payload: payload.toString() }));
  await client.subscribeAsync(filter, { qos: 1 });
  return { client, heard };
}

describe('a command', () => {
  it('is sent and acknowledged by the PUBACK; each step is a record of the log', async () => {
    const { heard } = await connected('press-1');
    const order = orderFor('press-1');
    expect(await ask(order)).toMatchObject({ kind: 'accepted', command: { id: order.id, state: 'requested' } });
    await eventually(() => expect(states(order)).toEqual(['requested', 'sent', 'acknowledged']));
    expect(heard).toEqual([
      {
        topic: 'sensors/plant1/press-1/commands/reboot',
        payload: `{"id":"${order.id}","command":"reboot","payload":{"in":5}}`,
      },
    ]);
    expect(await view(order)).toMatchObject({
      state: 'acknowledged',
      steps: [{ state: 'requested' }, { state: 'sent', client: 'press-1', attempt: 1 }, { state: 'acknowledged' }],
    });
  });

  it('waits for a device that is not connected', async () => {
    const order = orderFor('press-2');
    await ask(order);
    expect((await view(order)).state).toBe('requested');
    const { heard } = await connected('press-2');
    await eventually(() => expect(states(order)).toEqual(['requested', 'sent', 'acknowledged']));
    expect(heard).toHaveLength(1);
  });

  it('is sent again, with its id, to a device that does not acknowledge, and given up after its timeout', async () => {
    const raw = await under.connected('press-3');
    raw.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'sensors/plant1/press-3/commands/#', qos: 1 }],
    });
    const order = orderFor('press-3', { attempts: 2, timeoutMs: 2_400 });
    await ask(order);
    await eventually(() => expect(states(order)).toEqual(['requested', 'sent', 'sent', 'timed-out']));
    const ids = raw.received('publish').map(({ payload }) => (JSON.parse(payload.toString()) as { id: string }).id);
    expect(ids).toEqual([order.id, order.id]);
  });

  it('times out when its device never comes', async () => {
    const order = orderFor('nobody', { timeoutMs: 1_000 });
    await ask(order);
    await eventually(() => expect(states(order)).toEqual(['requested', 'timed-out']));
    expect((await view(order)).steps.at(-1)).toMatchObject({ detail: 'the device did not connect', attempt: 0 });
  });

  it('under the same id is the same command; for another one it is refused', async () => {
    const order = orderFor('press-4');
    const answers = await Promise.all([ask(order), ask(order)]);
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['accepted', 'known']);
    expect((await ask({ ...order, command: 'other' })).kind).toBe('conflict');
    await eventually(() => expect(states(order)).toEqual(['requested']));
  });

  it('is not acknowledged by somebody who watches all devices', async () => {
    const watcher = await connected('watcher', 'sensors/#');
    const order = orderFor('press-5', { timeoutMs: 1_000 });
    await ask(order);
    await eventually(() => expect(states(order)).toEqual(['requested', 'timed-out']));
    expect(watcher.heard).toEqual([]);
  });

  it('goes to the client that the request names, whatever it subscribes to: a gateway', async () => {
    const gateway = await connected('gateway', 'sensors/plant1/+/commands/#', 'gateway-1');
    const order = orderFor('press-6', { client: 'gateway-1' });
    await ask(order);
    await eventually(() => expect(states(order)).toEqual(['requested', 'sent', 'acknowledged']));
    expect(gateway.heard).toHaveLength(1);
  });

  it('fails with a device that subscribed with QoS 0, which says nothing', async () => {
    const client = await under.client({ clientId: 'press-7' });
    await client.subscribeAsync('sensors/plant1/press-7/commands/+', { qos: 0 });
    const order = orderFor('press-7');
    await ask(order);
    await eventually(() => expect(states(order)).toEqual(['requested', 'sent', 'failed']));
  });

  it('beyond so many that wait for a device is refused', async () => {
    const answers: OrderAnswer[] = [];
    for (let i = 0; i < 101; i++) answers.push(await ask(orderFor('crowded', { timeoutMs: 5_000 })));
    expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(100);
    expect(answers.at(-1)).toMatchObject({ kind: 'refused', message: expect.stringContaining('100 commands wait') });
  });
});

describe('answers on a topic', () => {
  const answered = (name: string): CommandOrder =>
    orderFor(name, { device: name, topic: `cmnd/${name}/reboot`, acknowledge: 'answer' });

  it.each([
    ['{"id":"ID","ok":true}', 'acknowledged', ''],
    ['{"id":"ID","ok":false,"message":"busy"}', 'refused', 'busy'],
  ])('%s: %s, in place of a reading', async (payload, state, detail) => {
    const name = `lamp-${state}`;
    const { client, heard } = await connected(name, `cmnd/${name}/+`);
    const order = answered(name);
    await ask(order);
    await eventually(() => expect(heard).toHaveLength(1));
    await client.publishAsync(`stat/${name}/reboot`, payload.replace('ID', order.id), { qos: 1 });
    expect((await view(order)).steps.at(-1)).toMatchObject({ state, detail, client: name });
    expect(under.publishes().filter(({ topic }) => topic.startsWith('stat/'))).toEqual([]);
  });

  it('of new hardware, which the topic of the command names', async () => {
    const { client, heard } = await connected('lamp-new', 'cmnd/lamp-new/+');
    const order = { ...answered('lamp-old'), topic: 'cmnd/lamp-new/reboot' };
    await ask(order);
    await eventually(() => expect(heard).toHaveLength(1));
    const payload = `{"id":"${order.id}"}`;
    // The old hardware was not asked.
    await under.counted('command-answer', () => client.publishAsync('stat/lamp-old/reboot', payload, { qos: 1 }));
    await client.publishAsync('stat/lamp-new/reboot', payload, { qos: 1 });
    expect((await view(order)).state).toBe('acknowledged');
  });

  it('of another device, without an id or for nobody: acknowledged, counted, without effect', async () => {
    const { heard } = await connected('lamp-3', 'cmnd/lamp-3/+');
    const order = answered('lamp-3');
    await ask(order);
    await eventually(() => expect(heard).toHaveLength(1));
    const stranger = await under.client({ clientId: 'stranger' });
    for (const [topic, payload] of [
      ['stat/lamp-4/reboot', `{"id":"${order.id}"}`],
      ['stat/lamp-3/reboot', 'done'],
      ['stat/lamp-3/reboot', '{"id":"unknown"}'],
    ] as const)
      await under.counted('command-answer', () => stranger.publishAsync(topic, payload, { qos: 1 }));
    await eventually(() => expect(states(order)).toEqual(['requested', 'sent']));
    expect((await view(order)).state).toBe('sent');
  });
});

describe('nobody but Millrace publishes on topics of commands', () => {
  const topic = 'sensors/plant1/press-1/commands/reboot';

  it.each([0, 1, 2] as const)('a publish of QoS %s ends the connection and is not in the log', async (qos) => {
    const raw = await under.connected(`foreign-${qos}`);
    const packet = publishPacket(topic, 'x', qos === 0 ? { qos } : { qos, messageId: 1 });
    await under.counted('command-topic', () => raw.send(packet));
    await eventually(() => expect(raw.closed).toBe(true));
    expect(under.publishes().filter((record) => record.topic === topic)).toEqual([]);
  });

  it('nor by a will', async () => {
    const raw = await under.raw();
    const will = { topic, payload: Buffer.from('x'), qos: 1, retain: false } as const;
    await under.counted('command-topic', () => raw.send(connectPacket('willing', { will })));
    await eventually(() => expect(raw.closed).toBe(true));
  });
});
