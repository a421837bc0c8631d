import { afterEach, expect, it } from 'vitest';
import type { CommandOrder, CommandView, OrderAnswer } from '../../events/command.ts';
import { subjects } from '../../events/subjects.ts';
import { gatherCore, requestCore } from '../../infra/bus/core.ts';
import { ingestProcesses, type IngestProcesses } from '../ingest-process.ts';
import { until } from '../millrace.ts';
import { connectPacket, RawClient } from '../running-ingest.ts';

let under: IngestProcesses;
afterEach(() => under[Symbol.asyncDispose]());

const filter = 'sensors/plant1/press-7/commands/+';

function order(id: string, more: Partial<CommandOrder> = {}): CommandOrder {
  return {
    id,
    device: 'plant1/press-7',
    command: 'reboot',
    topic: 'sensors/plant1/press-7/commands/reboot',
    payload: Buffer.from(`{"id":"${id}"}`).toString('base64'),
    qos: 1,
    acknowledge: 'puback',
    attempts: 20,
    timeoutMs: 60_000,
    ...more,
  };
}

async function ask(asked: CommandOrder): Promise<OrderAnswer['kind']> {
  const data = await requestCore(under.bus, subjects.commandRequest, JSON.stringify(asked), 5_000);
  return (JSON.parse(Buffer.from(data).toString()) as OrderAnswer).kind;
}

/** What any of the processes knows of it. */
async function view(id: string, processes = 1): Promise<CommandView | undefined> {
  const query = JSON.stringify({ device: 'plant1/press-7', id, limit: 1 });
  const answers = await gatherCore(under.bus, subjects.commandQuery, query, { count: processes, timeoutMs: 2_000 });
  return answers.flatMap((data) => JSON.parse(Buffer.from(data).toString()) as CommandView[])[0];
}

const statesOf = async (id: string, processes = 1) => (await view(id, processes))?.steps.map(({ state }) => state);

/** A device that acknowledges nothing by itself. */
async function device(slot = 'ingest'): Promise<RawClient> {
  const raw = await RawClient.open(under.port(slot));
  raw.send(connectPacket('press-7'));
  await until('it is connected', () => raw.received('connack').length === 1);
  raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 1 }] });
  await until('it is subscribed', () => raw.received('suback').length === 1);
  return raw;
}

const idsOf = (raw: RawClient) =>
  raw.received('publish').map(({ payload }) => (JSON.parse(payload.toString()) as { id: string }).id);

it('kill -9 of ingest: a command that waits, and one that was sent, go on with their ids', async () => {
  under = await ingestProcesses();
  await under.start();
  const first = await device();
  expect(await ask(order('sent'))).toBe('accepted');
  await until('it is sent', async () => (await statesOf('sent'))?.includes('sent'));
  expect(idsOf(first)).toEqual(['sent']);
  expect(
    await ask(
      order('short', { topic: 'sensors/plant1/press-8/commands/x', device: 'plant1/press-8', timeoutMs: 1_000 }),
    ),
  ).toBe('accepted');
  await under.kill9();
  await under.start();
  expect(await ask(order('sent'))).toBe('known');
  expect(await ask(order('waiting'))).toBe('accepted');
  await under.kill9();
  await under.start();
  const back = await device();
  await until('both come again', () => new Set(idsOf(back)).size === 2);
  for (const { messageId } of back.received('publish')) back.send({ cmd: 'puback', messageId: messageId! });
  for (const id of ['sent', 'waiting'])
    await until(`${id} is acknowledged`, async () => (await statesOf(id))?.at(-1) === 'acknowledged');
  // Its time ran out while nobody was there: that is seen afterwards.
  await until('the short one timed out', async () => (await statesOf('short'))?.at(-1) === 'timed-out');
});

it('an orderly restart: the history stays', async () => {
  under = await ingestProcesses();
  await under.start();
  const raw = await device();
  await ask(order('done'));
  await until('it comes', () => idsOf(raw).length === 1);
  raw.send({ cmd: 'puback', messageId: raw.received('publish')[0]!.messageId! });
  await until('it is acknowledged', async () => (await statesOf('done'))?.at(-1) === 'acknowledged');
  await under.stop();
  await under.start();
  expect(await statesOf('done')).toEqual(['requested', 'sent', 'acknowledged']);
});

it('two ingest processes: whichever takes the command, the one that holds the device sends it, once', async () => {
  const slots = ['ingest', 'ingest-2'];
  under = await ingestProcesses({ processes: { ingest: 2 } }, slots);
  for (const slot of slots) await under.start(slot);
  const raw = await device('ingest-2');
  const ids = Array.from({ length: 8 }, (_, i) => `c${i}`);
  for (const id of ids) expect(await ask(order(id))).toBe('accepted');
  await until('all come', () => idsOf(raw).length >= ids.length);
  expect(idsOf(raw).toSorted()).toEqual(ids);
  for (const { messageId } of raw.received('publish')) raw.send({ cmd: 'puback', messageId: messageId! });
  for (const id of ids)
    await until(`${id} is acknowledged`, async () => (await statesOf(id, 2))?.at(-1) === 'acknowledged');
});
