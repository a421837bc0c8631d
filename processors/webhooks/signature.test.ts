import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { generateWebhookSecret } from '../../infra/webhook-secret.ts';
import { signedHeaders } from './signature.ts';

const nowS = () => Math.floor(Date.now() / 1000);

it('satisfies an independent verifier, whatever the body', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), (text, id) => {
      const secret = generateWebhookSecret();
      const body = JSON.stringify({ text });
      expect(new Webhook(secret).verify(body, signedHeaders(secret, id, nowS(), body))).toEqual({ text });
    }),
  );
});

it('refuses another body, id, time or secret', () => {
  const secret = generateWebhookSecret();
  const headers = signedHeaders(secret, 'id', nowS(), '{}');
  const verify =
    (body: string, over: Record<string, string>, by = secret) =>
    () =>
      new Webhook(by).verify(body, { ...headers, ...over });
  expect(verify('{}', {})()).toEqual({});
  expect(verify('{ }', {})).toThrow('No matching signature');
  expect(verify('{}', { 'webhook-id': 'other' })).toThrow('No matching signature');
  expect(verify('{}', { 'webhook-timestamp': String(nowS() - 1) })).toThrow('No matching signature');
  expect(verify('{}', {}, generateWebhookSecret())).toThrow('No matching signature');
});

it('secrets fit the configuration and differ', () => {
  expect(generateWebhookSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/);
  expect(generateWebhookSecret()).not.toBe(generateWebhookSecret());
});
