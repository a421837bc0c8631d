import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { configured, eventually, firing, ok, status, webhooksUnderTest } from './webhooks-under-test.ts';

const { receive, run, write, deliveriesOf } = webhooksUnderTest();

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
    // The fiftieth answer is still to be read.
    await eventually(() =>
      expect(
        webhooks
          .report()
          .map(({ waiting }) => waiting)
          .toSorted((a, b) => a - b),
      ).toEqual([0, 50]),
    );
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
