import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Webhook } from 'standardwebhooks';
import type { DeliveriesAnswer, WebhookCreated, WebhooksAnswer } from '../../../events/api-alerts.ts';
import type { Delivery, WebhookDefinition } from '../../../events/delivery.ts';
import { openBucket } from '../../../infra/bus/kv.ts';
import { nowUs, startPipeline } from '../pipeline-under-test.ts';
import type { PipelineUnderTest } from '../pipeline-under-test.ts';

let pipeline: PipelineUnderTest;
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const config = {
  rules: [{ name: 'hot', field: 't', above: 1 }],
  webhooks: [{ name: 'ops', url: 'http://user:hidden@127.0.0.1:9000/', secret, rules: ['*'] }],
};

beforeAll(async () => {
  pipeline = await startPipeline({ config });
});
afterAll(() => pipeline[Symbol.asyncDispose]());

const list = async () => (await pipeline.get<WebhooksAnswer>('/api/v1/webhooks')).body.items;
const post = (body: object) => pipeline.send<WebhookCreated>('POST', '/api/v1/webhooks', body);

it('lists those of the configuration without what is secret', async () => {
  expect(await list()).toMatchObject([{ name: 'ops', source: 'config', rules: ['*'], failing: false }]);
  expect(JSON.stringify(await list())).not.toMatch(/whsec_|hidden/);
});

it('makes one: its secret is shown once, and stored where the processors find it', async () => {
  const { status, body } = await post({ name: 'pager', url: 'http://127.0.0.1:9001/hook', rules: ['hot'] });
  expect(status).toBe(201);
  expect(() => new Webhook(body.secret)).not.toThrow();
  const bucket = await openBucket(pipeline.bus, 'webhooks');
  const stored = JSON.parse(Buffer.from((await bucket.get('pager'))!.value).toString()) as WebhookDefinition;
  expect(stored).toEqual({
    name: 'pager',
    url: 'http://127.0.0.1:9001/hook',
    rules: ['hot'],
    secret: body.secret,
    source: 'api',
    disabled: false,
  });
  expect(JSON.stringify(await list())).not.toContain('whsec_');
  expect((await list()).map(({ name }) => name)).toEqual(['ops', 'pager']);
});

it.each([
  [{ name: 'pager', url: 'http://127.0.0.1:1/' }, 409, 'EXISTS'],
  [{ name: 'ops', url: 'http://127.0.0.1:1/' }, 409, 'EXISTS'],
  [{ name: 'b', url: 'ftp://127.0.0.1/' }, 400, 'BAD_URL'],
  [{ name: 'b', url: 'nonsense' }, 400, 'BAD_URL'],
  [{ name: 'b', url: 'http://a:b@127.0.0.1/' }, 400, 'BAD_URL'],
  [{ name: 'b', url: 'http://169.254.169.254/' }, 400, 'TARGET_REFUSED'],
  [{ name: 'b', url: 'http://[::ffff:10.0.0.1]/' }, 400, 'TARGET_REFUSED'],
  [{ name: 'b', url: 'http://127.0.0.1/', rules: ['none'] }, 400, 'UNKNOWN_RULE'],
  [{ name: 'a b', url: 'http://127.0.0.1/' }, 400, 'BAD_REQUEST'],
  [{ name: 'b', url: 'http://127.0.0.1/', secret: 'short' }, 400, 'BAD_REQUEST'],
  [{ name: 'b', url: 'http://127.0.0.1/', more: 1 }, 400, 'BAD_REQUEST'],
])('%j answers %i %s', async (body, status, error) => {
  expect(await post(body)).toMatchObject({ status, body: { error } });
});

it('deletes what it made, and not what stands in the configuration', async () => {
  expect(await pipeline.send('DELETE', '/api/v1/webhooks/ops')).toMatchObject({
    status: 409,
    body: { error: 'READ_ONLY' },
  });
  expect((await pipeline.send('DELETE', '/api/v1/webhooks/pager')).status).toBe(204);
  expect((await pipeline.send('DELETE', '/api/v1/webhooks/pager')).status).toBe(404);
  expect((await list()).map(({ name }) => name)).toEqual(['ops']);
});

it('shows what others put into the bucket, and the attempts made, latest first', async () => {
  const bucket = await openBucket(pipeline.bus, 'webhooks');
  const other: WebhookDefinition = {
    name: 'other',
    url: 'http://127.0.0.1/',
    rules: ['*'],
    secret,
    source: 'api',
    disabled: false,
  };
  await bucket.put('other', JSON.stringify(other));
  await vi.waitFor(async () => expect((await list()).map(({ name }) => name)).toContain('other'));
  const delivery = (attempt: number): Delivery => ({
    webhook: 'other',
    id: 't1',
    rule: 'hot',
    key: 'plant1/press-7',
    state: 'firing',
    attempt,
    atUs: nowUs(),
    outcome: 'retry',
    status: 500,
    durationMs: 12,
    error: 'It answered 500.',
    nextAttemptAtUs: nowUs(),
  });
  await pipeline.store('deliveries.other', [delivery(1), delivery(2)]);
  await vi.waitFor(async () => {
    const { body } = await pipeline.get<DeliveriesAnswer>('/api/v1/webhooks/other/deliveries');
    expect(body.items.map(({ attempt }) => attempt)).toEqual([2, 1]);
  });
  expect((await pipeline.get('/api/v1/webhooks/nobody/deliveries')).status).toBe(404);
});
