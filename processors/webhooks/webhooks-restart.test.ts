import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { WebhookDefinition } from '../../events/delivery.ts';
import { buckets } from '../../events/subjects.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import { generateWebhookSecret } from '../../infra/webhook-secret.ts';
import { configured, eventually, firing, ok, status, webhooksUnderTest } from './webhooks-under-test.ts';
import { startWebhooks } from './webhooks.ts';

const pipeline = webhooksUnderTest();
const { receive, run, write, deliveriesOf } = pipeline;

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
    const bucket = await openBucket(pipeline.bus, buckets.checkpoints);
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
    await pipeline.nats.restart();
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
    const bucket = await openBucket(pipeline.bus, buckets.webhooks);
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

  it('one of the configuration has its place as soon as webhooks have started', async () => {
    const { url } = await receive(ok);
    const webhook = configured(url);
    const config = { webhooks: [webhook], webhookNetworks: undefined, http: { host: '127.0.0.1' } };
    await using started = await startWebhooks({ config, bus: pipeline.bus, log: pino({ level: 'silent' }) });
    expect(started.positions().get(webhook.name)).toBeGreaterThan(0);
  });

  it('one that the configuration had before is not told of what happened without it', async () => {
    const { received, url } = await receive(ok);
    const webhook = configured(url);
    await (await run([webhook])).stop();
    await (await run([])).stop();
    await write(firing());
    await run([webhook]);
    const wanted = firing();
    await write(wanted);
    await eventually(() => expect(received.map(({ id }) => id)).toEqual([wanted.id]));
  });

  it('one made by REST starts at the end of ALERTS and stops when it is deleted', async () => {
    const { received, url } = await receive(ok);
    const webhooks = await run([]);
    const bucket = await openBucket(pipeline.bus, buckets.webhooks);
    await write(firing());
    const definition = {
      name: 'by-rest',
      url,
      secret: generateWebhookSecret(),
      rules: ['*'],
      source: 'api',
      disabled: false,
    };
    await bucket.create('by-rest', JSON.stringify(definition));
    await eventually(() => expect(webhooks.positions().get('by-rest')).toBeGreaterThan(0));
    const wanted = firing();
    await write(wanted);
    await eventually(() => expect(received.map(({ id }) => id)).toEqual([wanted.id]));
    await bucket.delete('by-rest');
    await eventually(() => expect(webhooks.report()).toEqual([]));
    await write(firing());
    await bucket.create('by-rest', JSON.stringify({ ...definition, secret: generateWebhookSecret() }));
    await eventually(() => expect(webhooks.positions().get('by-rest')).toBeGreaterThan(0));
    const again = firing();
    await write(again);
    await eventually(() => expect(received.map(({ id }) => id)).toEqual([wanted.id, again.id]));
    await bucket.delete('by-rest');
  });
});
