import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import type { Transition } from '../../events/alert.ts';
import type { Delivery } from '../../events/delivery.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createFencedWriter, type FencedWriter } from '../../infra/bus/fenced-writer.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import { ensureStreams } from '../../infra/bus/streams.ts';
import type { WebhookConfig } from '../../infra/config/schema.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import type { AlertCloudEvent } from './cloudevent.ts';
import { generateWebhookSecret } from '../../infra/webhook-secret.ts';
import { startWebhooks, type Webhooks, type WebhooksOptions } from './webhooks.ts';

export interface Received {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly event: AlertCloudEvent;
}

export const ok = (response: ServerResponse) => response.writeHead(204).end();
export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('x');

let names = 0;
export function configured(url: string, over: Partial<WebhookConfig> = {}): WebhookConfig {
  return { name: `hook${++names}`, url, secret: generateWebhookSecret(), rules: ['*'], ...over };
}

let ids = 0;
export function firing(over: Partial<Transition> = {}): Transition {
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

export const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

/** Webhooks on a nats-server of their own, for the tests of one file; what a test starts ends with it. */
export function webhooksUnderTest() {
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

  /** A receiver on loopback; `answer` is told how many requests came before. */
  async function receive(answer: (response: ServerResponse, before: number) => void) {
    const received: Received[] = [];
    const server = createServer((request, response) => {
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

  async function run(webhooks: WebhookConfig[], over: Partial<WebhooksOptions> = {}): Promise<Webhooks> {
    const config = { webhooks, webhookNetworks: undefined, http: { host: '127.0.0.1' } };
    const started = await startWebhooks({
      config,
      bus,
      log: pino({ level: 'silent' }),
      answerWithinMs: 2_000,
      ...over,
    });
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

  return {
    receive,
    run,
    write,
    deliveriesOf,
    get bus(): Bus {
      return bus;
    },
    get nats(): NatsUnderTest {
      return nats;
    },
  };
}
