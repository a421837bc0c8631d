import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoderOf, fuzz, inForce, problem } from './schema-under-test.ts';

const usOf = (text: string) => Date.parse(text) * 1_000;

const jsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['temperature'],
  properties: {
    temperature: { type: 'number', maximum: 200 },
    motor: { type: 'object', properties: { speed: { type: 'integer' } } },
  },
};

describe('json-schema', () => {
  const decode = decoderOf([inForce('JSON', JSON.stringify(jsonSchema))]);
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));

  it('becomes fields', () => {
    expect(decode(json({ time: '2026-07-01T10:00:00Z', temperature: 71.5, motor: { speed: 3 } }))).toMatchObject({
      ownTimeUs: usOf('2026-07-01T10:00:00Z'),
      fields: { temperature: 71.5, 'motor.speed': 3 },
    });
  });

  it.each<[value: unknown, reason: string, detail: RegExp]>([
    [{ temperature: 'hot' }, 'schema', /^\/temperature must be number \(#\/properties\/temperature\/type\)$/],
    [{ temperature: 300 }, 'schema', /^\/temperature must be <= 200/],
    [{ motor: {} }, 'schema', /^the value must have required property 'temperature'/],
    [{ temperature: 1, motor: { speed: 1.5 } }, 'schema', /^\/motor\/speed must be integer/],
    [[{ temperature: 1 }], 'schema', /^the value must be object/],
  ])('%j is quarantined with the path and the rule', (value, reason, detail) => {
    expect(decode(json(value))).toEqual({ reason, detail: expect.stringMatching(detail) });
  });

  it('text that is no JSON keeps its own reasons', () => {
    expect(decode(Buffer.from('{'))).toMatchObject({ reason: 'not-json' });
    expect(decode(Buffer.from([0xff]))).toMatchObject({ reason: 'bad-text' });
    expect(decode(Buffer.from('['.repeat(100_000)))).toMatchObject({ reason: 'too-deep' });
  });

  it('gives a reading or a refusal for any bytes, and never throws', () => {
    fuzz(decode, json({ temperature: 71.5, motor: { speed: 3 } }));
    const found = (text: string) => problem(decode(Buffer.from(text)));
    fc.assert(fc.property(fc.json(), (text) => found(text) === null));
  });

  it('a schema of 2020-12 that refers to itself', () => {
    const text = JSON.stringify({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { next: { $ref: '#' }, a: { type: 'integer' } },
    });
    expect(decoderOf([inForce('JSON', text)])(json({ a: 1, next: { a: 2 } }))).toMatchObject({
      fields: { a: 1, 'next.a': 2 },
    });
    expect(decoderOf([inForce('JSON', text)])(json({ next: { a: 'x' } }))).toMatchObject({ reason: 'schema' });
  });
});
