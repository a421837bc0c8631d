import { afterAll, beforeAll, expect, it } from 'vitest';
import { configSchema } from '../infra/config/schema.ts';
import { createLogger } from '../infra/log.ts';
import { connectPacket, eventually, publishPacket, runIngest, type IngestUnderTest } from '../test/running-ingest.ts';
import { refusalReasons, type RefusalReason } from './refusals.ts';

/** Low, so that each is reached at once; they hold for this machine itself, too. */
const limits = {
  messagesPerSecond: 50,
  bytesPerSecond: '8KiB',
  unacknowledgedMax: 4,
  payloadMax: '4KiB',
  topicBytesMax: 40,
  clientIdBytesMax: 20,
  filtersPerSubscribeMax: 3,
  subscriptionsMax: 5,
};

let under: IngestUnderTest;
const lines: { reason?: string; who?: string; msg?: string; times?: number }[] = [];
beforeAll(async () => {
  const log = createLogger('ingest', 'warn', { write: (line: string) => void lines.push(JSON.parse(line) as object) });
  under = await runIngest({ limits, log });
});
afterAll(() => under[Symbol.asyncDispose]());

const qos1 = (count: number, topic = 'sensors/a/b', payload = '1') =>
  Array.from({ length: count }, (_, i) => publishPacket(topic, payload, { qos: 1, messageId: i + 1 }));
const subscribe = (...topics: string[]) => ({
  cmd: 'subscribe' as const,
  messageId: 1,
  subscriptions: topics.map((topic) => ({ topic, qos: 0 as const })),
});
const connected = async (id: string, ...packets: Parameters<Awaited<ReturnType<typeof under.raw>>['send']>) =>
  (await under.connected(id)).send(...packets);
const posted = (body: string, query = '') => under.request(`/api/v1/readings${query}`, { method: 'POST', body });

it.each<[reason: RefusalReason, who: string, act: () => Promise<unknown>]>([
  ['message-rate', 'many', () => connected('many', ...Array.from({ length: 120 }, () => publishPacket('a/b', '1')))],
  ['byte-rate', 'heavy', () => connected('heavy', ...qos1(12, 'a/b', 'x'.repeat(4_000)))],
  ['unacknowledged', 'eager', () => connected('eager', ...qos1(30))],
  ['too-large', 'fat', () => connected('fat', publishPacket('a/b', 'x'.repeat(4_097)))],
  ['topic-too-long', 'wordy', () => connected('wordy', publishPacket(`a/${'é'.repeat(20)}`, '1'))],
  ['topic-too-long', 'http/anonymous', () => posted('1', `?topic=a/${'x'.repeat(40)}`)],
  ['client-id-too-long', '127.0.0.1', async () => (await under.raw()).send(connectPacket('x'.repeat(21)))],
  ['too-many-filters', 'asking', () => connected('asking', subscribe('a', 'b', 'c', 'd'))],
  [
    'too-many-subscriptions',
    'greedy',
    () => connected('greedy', subscribe('a', 'b', 'c'), subscribe('d', 'e'), subscribe('f')),
  ],
  ['http-byte-rate', '127.0.0.1', () => Promise.all([posted('x'.repeat(4_000), '?topic=a/b'), postedUntil(429)])],
])('%s is counted and logged with who it was: %s', async (reason, who, act) => {
  await under.counted(reason, act);
  await eventually(() => expect(lines).toContainEqual(expect.objectContaining({ reason, who })));
  const line = lines.find((one) => one.reason === reason && one.who === who)!;
  expect(line).toMatchObject({ msg: refusalReasons[reason], times: 1 });
});

async function postedUntil(status: number): Promise<void> {
  await eventually(async () => expect((await posted('x'.repeat(4_000), '?topic=a/b')).status).toBe(status));
}

it('a flood is one line a minute, and every decision is in the metrics', async () => {
  const { refused } = under.ingest.report();
  await under.counted('unacknowledged', () => connected('again', ...qos1(20)));
  await under.counted('unacknowledged', () => connected('again', ...qos1(20)));
  expect(lines.filter(({ reason, who }) => reason === 'unacknowledged' && who === 'again')).toHaveLength(1);
  type Metric = { name: string; values: { value: number; labels: { reason?: string } }[] };
  await eventually(() => {
    const metrics = (under.ingest.report().metrics ?? []) as Metric[];
    const values = metrics.find(({ name }) => name === 'millrace_ingest_refused_total')?.values ?? [];
    const of = (reason: string) => values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
    for (const reason of ['message-rate', 'unacknowledged', 'topic-too-long', 'http-byte-rate'])
      expect(of(reason)).toBeGreaterThanOrEqual(refused[reason]!);
  });
});

it('what waits for the log is stored and acknowledged like any other', async () => {
  const client = await under.connected('patient');
  client.send(...qos1(30));
  await eventually(() => expect(client.received('puback').map(({ messageId }) => messageId)).toHaveLength(30));
  expect(client.closed).toBe(false);
  expect(under.publishes().filter((record) => record.client === 'patient')).toHaveLength(30);
});

it('the defaults', () => {
  expect(configSchema.parse({}).limits).toMatchObject({
    messagesPerSecond: 2_000,
    bytesPerSecond: 2 * 2 ** 20,
    unacknowledgedMax: 256,
    payloadMax: 256 * 1024,
    topicBytesMax: 256,
    clientIdBytesMax: 128,
    filtersPerSubscribeMax: 8,
    subscriptionsMax: 50,
    connectionsPerSecond: 10,
  });
});
