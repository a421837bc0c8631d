import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Transition } from '../../events/alert.ts';
import type { Delivery, WebhookDefinition } from '../../events/delivery.ts';
import { buckets, streams, subjects } from '../../events/subjects.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createFencedWriter, type FencedWriter } from '../../infra/bus/fenced-writer.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import { ensureStreams } from '../../infra/bus/streams.ts';
import type { WebhookConfig } from '../../infra/config/schema.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import type { AlertCloudEvent } from './cloudevent.ts';
import { generateSecret } from './signature.ts';
import { startWebhooks, type Webhooks, type WebhooksOptions } from './webhooks.ts';

let nats: NatsUnderTest;
let bus: Bus;
let alerts: FencedWriter;
let written = 0;
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
  alerts = await createFencedWriter(bus, { stream: streams.alerts, subject: subjects.alerts(0), pendingMax: 10_000 });
  // An empty ALERTS has no position to begin after.
  await write(firing());
});
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

interface Received {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly event: AlertCloudEvent;
}

/** A receiver on loopback; `answer` is told how many requests came before. */
async function receive(answer: (response: ServerResponse, before: number) => void) {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      received.push({ id: headers['webhook-id']!, headers, body, event: JSON.parse(body) as AlertCloudEvent });
      answer(response, received.length - 1);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.push(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, server };
}

const ok = (response: ServerResponse) => response.writeHead(204).end();
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('x');

let names = 0;
function configured(url: string, over: Partial<WebhookConfig> = {}): WebhookConfig {
  return { name: `hook${++names}`, url, secret: generateSecret(), rules: ['*'], ...over };
}

async function run(webhooks: WebhookConfig[], over: Partial<WebhooksOptions> = {}): Promise<Webhooks> {
  const config = { webhooks, webhookNetworks: undefined, http: { host: '127.0.0.1' } };
  const started = await startWebhooks({ config, bus, log: pino({ level: 'silent' }), answerWithinMs: 2_000, ...over });
  open.push(() => started.stop());
  // Each has its place in ALERTS: what is written from now on is theirs.
  await vi.waitFor(
    () => webhooks.forEach(({ name }) => expect(started.positions().get(name)).toBeGreaterThan(0)),
    20_000,
  );
  return started;
}

async function write(...transitions: Transition[]): Promise<void> {
  alerts.write(++written, transitions);
  await alerts.drained();
}

let ids = 0;
function firing(over: Partial<Transition> = {}): Transition {
  const key = over.key ?? `plant1/d${++ids}`;
  return {
    id: (++ids).toString(16).padStart(32, '0'),
    rule: 'hot',
    key,
    device: key.split('/')[1]!,
    tags: { site: 'plant1' },
    field: 'temperature',
    from: 'ok',
    to: 'firing',
    severity: 'critical',
    value: 91.5,
    threshold: 85,
    timeUs: 1_760_000_000_000_000,
    decidedAtUs: 1_760_000_000_000_000,
    sinceUs: 1_760_000_000_000_000,
    historical: false,
    notify: 'firing',
    condition: 'temperature above 85',
    origin: { partition: 0, sequence: 1, index: 0 },
    ...over,
  };
}

async function deliveriesOf(name: string): Promise<Delivery[]> {
  const last = await lastMessage(bus, streams.deliveries, subjects.deliveries(name));
  const found: Delivery[] = [];
  if (last === null) return found;
  const options = { stream: streams.deliveries, subject: subjects.deliveries(name), after: 0, onGap: () => {} };
  for await (const { data, sequence } of readStream(bus, { ...options, signal: new AbortController().signal })) {
    found.push(...(JSON.parse(Buffer.from(data).toString()) as Delivery[]));
    if (sequence >= last.sequence) break;
  }
  return found;
}

const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

describe('delivery', () => {
  it('a subscriber is told, in a way an independent verifier accepts', async () => {
    const { received, url } = await receive(ok);
    const webhook = configured(url);
    const webhooks = await run([webhook]);
    const alert = firing();
    await write(alert);
    await eventually(() => expect(received).toHaveLength(1));
    const { headers, body } = received[0]!;
    expect(new Webhook(webhook.secret!).verify(body, headers)).toMatchObject({
      id: alert.id,
      type: 'millrace.alert.firing',
      subject: alert.key,
      data: { rule: 'hot', value: 91.5, state: 'firing' },
    });
    expect(headers).toMatchObject({
      'webhook-id': alert.id,
      'content-type': expect.stringContaining('cloudevents+json'),
    });
    await eventually(async () =>
      expect(await deliveriesOf(webhook.name)).toMatchObject([
        { id: alert.id, outcome: 'delivered', status: 204, attempt: 1 },
      ]),
    );
    expect(webhooks.report()).toMatchObject([{ name: webhook.name, waiting: 0, delivered: 1, failing: false }]);
  });

  it('only what begins or ends an alert of its rules is told', async () => {
    const { received, url } = await receive(ok);
    await run([configured(url, { rules: ['mine'] })]);
    const mine = { rule: 'mine' };
    const last = firing({ ...mine, notify: 'resolved', to: 'ok', from: 'firing' });
    await write(
      firing(),
      firing({ ...mine, notify: null, to: 'pending' }),
      firing({ ...mine, historical: true }),
      firing(mine),
      last,
    );
    await eventually(() =>
      expect(received.map(({ event }) => event.type)).toEqual(['millrace.alert.firing', 'millrace.alert.resolved']),
    );
    expect(received[1]!.id).toBe(last.id);
  });

  it('one that fails is tried again, and the end of an alert waits for its beginning', async () => {
    const { received, url } = await receive((response, before) =>
      before === 0 ? status(500)(response) : ok(response),
    );
    const webhook = configured(url);
    await run([webhook]);
    const begin = firing();
    const end = firing({ key: begin.key, notify: 'resolved' });
    const other = firing();
    await write(begin, end, other);
    await eventually(() => expect(received).toHaveLength(4));
    const order = received.map(({ id }) => id);
    expect(order.indexOf(other.id)).toBeLessThan(order.lastIndexOf(begin.id));
    expect(order.lastIndexOf(begin.id)).toBeLessThan(order.indexOf(end.id));
    const first = (await deliveriesOf(webhook.name)).filter(({ id }) => id === begin.id);
    expect(first).toMatchObject([
      { outcome: 'retry', status: 500, attempt: 1, error: 'The receiver answered 500.' },
      { outcome: 'delivered', status: 204, attempt: 2 },
    ]);
    expect(first[1]!.atUs - first[0]!.atUs).toBeGreaterThanOrEqual(5_000_000);
  });

  it.each([
    [
      'a redirect',
      status(302, { location: 'http://127.0.0.1:1/' }),
      'The receiver answered 302; redirects are not followed.',
    ],
    ['no answer', () => {}, 'No answer within 2 s.'],
    ['a connection that breaks', (response: ServerResponse) => response.destroy(), 'other side closed'],
  ])('%s is a failure', async (_, answer, error) => {
    const { received, url } = await receive(answer);
    const webhook = configured(url);
    await run([webhook]);
    await write(firing());
    await eventually(async () => expect(await deliveriesOf(webhook.name)).toMatchObject([{ outcome: 'retry', error }]));
    expect(received).toHaveLength(1);
  });

  it('a body that never ends does not undo the answer', async () => {
    const { url } = await receive((response) => response.writeHead(200).write('x'));
    const webhook = configured(url);
    await run([webhook]);
    await write(firing());
    await eventually(async () =>
      expect(await deliveriesOf(webhook.name)).toMatchObject([{ outcome: 'delivered', status: 200 }]),
    );
  });

  it('Retry-After is honoured', async () => {
    const { url } = await receive(status(503, { 'retry-after': '3600' }));
    const webhook = configured(url);
    await run([webhook]);
    await write(firing());
    await eventually(async () => {
      const [delivery] = await deliveriesOf(webhook.name);
      expect(delivery).toMatchObject({ outcome: 'retry', status: 503 });
      expect(delivery!.nextAttemptAtUs! - delivery!.atUs).toBeGreaterThan(3_590_000_000);
    });
  });

  it('410 disables it: what waits becomes dead letters, later alerts are not its business', async () => {
    const { received, url } = await receive(status(410));
    const webhook = configured(url);
    const webhooks = await run([webhook]);
    const key = 'plant1/gone';
    await write(firing({ key }), firing({ key, notify: 'resolved' }));
    await eventually(async () =>
      expect(await deliveriesOf(webhook.name)).toMatchObject([
        { outcome: 'dead-letter', status: 410 },
        { outcome: 'dead-letter', status: null, error: 'The receiver wants no more (410).' },
      ]),
    );
    await eventually(() =>
      expect(webhooks.report()).toMatchObject([{ failing: true, lastError: 'Disabled: the receiver answered 410.' }]),
    );
    await write(firing());
    expect(received).toHaveLength(1);
    expect(webhooks.positions().size).toBe(0);
  });

  it('a dead endpoint delays no other', async () => {
    const dead = await receive(() => {});
    const alive = await receive(ok);
    const webhooks = await run([configured(dead.url), configured(alive.url)]);
    await write(...Array.from({ length: 50 }, () => firing()));
    await eventually(() => expect(alive.received).toHaveLength(50));
    expect(
      webhooks
        .report()
        .map(({ waiting }) => waiting)
        .toSorted(),
    ).toEqual([0, 50]);
  });

  it('a target that is not allowed is never called', async () => {
    const { received, url } = await receive(ok);
    const [literal, named] = [configured(url), configured(url.replace('127.0.0.1', 'hooks.test'))];
    await run([literal, named], {
      config: { webhooks: [literal, named], webhookNetworks: [], http: { host: '127.0.0.1' } },
      resolve: (_hostname, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    await write(firing());
    for (const { name } of [literal, named])
      await eventually(async () =>
        expect(await deliveriesOf(name)).toMatchObject([
          {
            outcome: 'retry',
            status: null,
            error: expect.stringContaining('127.0.0.1, which is not a public address'),
          },
        ]),
      );
    expect(received).toEqual([]);
  });
});

describe('restart', () => {
  it('sends what waited, and nothing that was recorded as delivered', async () => {
    const { received, url } = await receive(ok);
    const webhook = configured(url);
    const first = await run([webhook]);
    await write(firing(), firing());
    await eventually(async () => expect(await deliveriesOf(webhook.name)).toHaveLength(2));
    await first.stop();
    const whileDown = firing();
    await write(whileDown);
    const second = await run([webhook]);
    await eventually(() => expect(received).toHaveLength(3));
    expect(received[2]!.id).toBe(whileDown.id);
    await second.stop();
    expect(new Set(received.map(({ id }) => id)).size).toBe(3);
  });

  it('after a crash the records in DELIVERIES are as good as a checkpoint', async () => {
    const { received, url } = await receive(ok);
    const webhook = configured(url);
    const bucket = await openBucket(bus, buckets.checkpoints);
    const first = await run([webhook]);
    const saved = await bucket.get(`webhook.${webhook.name}`);
    const alerted = [firing(), firing(), firing()];
    await write(...alerted);
    await eventually(async () => expect(await deliveriesOf(webhook.name)).toHaveLength(3));
    await first.stop();
    // As a kill -9 before the next checkpoint leaves it.
    await bucket.put(`webhook.${webhook.name}`, saved!.value);
    await run([webhook]);
    const next = firing();
    await write(next);
    await eventually(() =>
      expect(received.map(({ id }) => id).toSorted()).toEqual([...alerted, next].map(({ id }) => id).toSorted()),
    );
  });

  it('an attempt that failed keeps its place in the schedule', async () => {
    const { received, url } = await receive(status(503, { 'retry-after': '3600' }));
    const webhook = configured(url);
    const first = await run([webhook]);
    await write(firing());
    await eventually(async () => expect(await deliveriesOf(webhook.name)).toHaveLength(1));
    await first.stop();
    const second = await run([webhook]);
    await eventually(() => expect(second.report()).toMatchObject([{ waiting: 1 }]));
    expect(received).toHaveLength(1);
  });

  it('nats-server may be killed in the middle', async () => {
    const { received, url } = await receive(ok);
    const webhook = configured(url);
    await run([webhook]);
    await write(firing());
    await eventually(() => expect(received).toHaveLength(1));
    await nats.restart();
    const after = firing();
    await write(after);
    await eventually(() => expect(received.map(({ id }) => id)).toContain(after.id));
    expect(new Set(received.map(({ id }) => id)).size).toBe(received.length);
  });
});

describe('definitions', () => {
  it('a secret is made once, shown once, kept in KV', async () => {
    const { url } = await receive(ok);
    const webhook = configured(url, { secret: undefined });
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const bucket = await openBucket(bus, buckets.webhooks);
    const definition = async () =>
      JSON.parse(Buffer.from((await bucket.get(webhook.name))!.value).toString()) as WebhookDefinition;
    await (await run([webhook], { log })).stop();
    const { secret } = await definition();
    await (await run([webhook], { log })).stop();
    expect((await definition()).secret).toBe(secret);
    expect(lines.filter((line) => line.includes(secret))).toHaveLength(1);
    await (await run([])).stop();
    expect(await bucket.get(webhook.name)).toBeNull();
  });

  it('one made by REST starts at the end of ALERTS and stops when it is deleted', async () => {
    const { received, url } = await receive(ok);
    const webhooks = await run([]);
    const bucket = await openBucket(bus, buckets.webhooks);
    await write(firing());
    const definition = { name: 'by-rest', url, secret: generateSecret(), rules: ['*'], source: 'api', disabled: false };
    await bucket.create('by-rest', JSON.stringify(definition));
    await eventually(() => expect(webhooks.positions().get('by-rest')).toBeGreaterThan(0));
    const wanted = firing();
    await write(wanted);
    await eventually(() => expect(received.map(({ id }) => id)).toEqual([wanted.id]));
    await bucket.delete('by-rest');
    await eventually(() => expect(webhooks.report()).toEqual([]));
    await write(firing());
    await bucket.create('by-rest', JSON.stringify({ ...definition, secret: generateSecret() }));
    await eventually(() => expect(webhooks.positions().get('by-rest')).toBeGreaterThan(0));
    const again = firing();
    await write(again);
    await eventually(() => expect(received.map(({ id }) => id)).toEqual([wanted.id, again.id]));
    await bucket.delete('by-rest');
  });
});
