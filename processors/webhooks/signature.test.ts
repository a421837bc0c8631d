import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { generateSecret, signedHeaders } from './signature.ts';

const nowS = () => Math.floor(Date.now() / 1000);

it('satisfies an independent verifier, whatever the body', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), (text, id) => {
      const secret = generateSecret();
      const body = JSON.stringify({ text });
      expect(new Webhook(secret).verify(body, signedHeaders(secret, id, nowS(), body))).toEqual({ text });
    }),
  );
});

it('refuses another body, id, time or secret', () => {
  const secret = generateSecret();
  const headers = signedHeaders(secret, 'id', nowS(), '{}');
  const verify =
    (body: string, over: Record<string, string>, by = secret) =>
    () =>
      new Webhook(by).verify(body, { ...headers, ...over });
  expect(verify('{}', {})()).toEqual({});
  expect(verify('{ }', {})).toThrow('No matching signature');
  expect(verify('{}', { 'webhook-id': 'other' })).toThrow('No matching signature');
  expect(verify('{}', { 'webhook-timestamp': String(nowS() - 1) })).toThrow('No matching signature');
  expect(verify('{}', {}, generateSecret())).toThrow('No matching signature');
});

it('secrets fit the configuration and differ', () => {
  expect(generateSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/);
  expect(generateSecret()).not.toBe(generateSecret());
});
