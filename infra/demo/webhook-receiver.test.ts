import { expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { generateWebhookSecret } from '../webhook-secret.ts';
import { isSignedWith, type Received, startWebhookReceiver } from './webhook-receiver.ts';

const secret = generateWebhookSecret();
const body = JSON.stringify({ type: 'millrace.alert.firing', data: { device: 'press-7', rule: 'press-too-hot' } });
const now = new Date(1_763_892_000_000);
const sign = (key: string, text = body) => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(now.getTime() / 1000),
  'webhook-signature': new Webhook(key).sign('msg_1', now, text),
});

it.each([
  ['genuine', sign(secret), 0, true],
  ['of another secret', sign(generateWebhookSecret()), 0, false],
  ['of another body', sign(secret, `${body} `), 0, false],
  ['one of two', { ...sign(secret), 'webhook-signature': `v1,AAAA ${sign(secret)['webhook-signature']}` }, 0, true],
  ['too old', sign(secret), 301, false],
  ['without', {}, 0, false],
])('a signature %s', (_, headers, ageS, expected) => {
  expect(isSignedWith(secret, { headers }, body, now.getTime() / 1000 + ageS)).toBe(expected);
});

it('answers 204 to what is genuine and 401 to the rest', async () => {
  const received: Received[] = [];
  const receiver = await startWebhookReceiver(secret, (one) => received.push(one));
  const timestamp = new Date();
  const headers = {
    'webhook-id': 'msg_2',
    'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_2', timestamp, body),
  };
  const post = async (text: string) => (await fetch(receiver.url, { method: 'POST', headers, body: text })).status;
  expect([await post(body), await post('{}'), await post('x'.repeat(100_000))]).toEqual([204, 401, 400]);
  await receiver.close();
  expect(received).toEqual([
    { isGenuine: true, type: 'millrace.alert.firing', device: 'press-7', rule: 'press-too-hot' },
    { isGenuine: false, type: '', device: '', rule: '' },
  ]);
});
