import { describe, expect, it } from 'vitest';
import { decoderOf, inForce, problem, wire } from './schema-under-test.ts';

describe('which schema', () => {
  const int = (name: string) => JSON.stringify({ type: 'record', name: 'R', fields: [{ name, type: 'int' }] });
  const schemas = [
    inForce('AVRO', int('one')),
    inForce('AVRO', int('two'), { version: 2, id: 8 }),
    inForce('AVRO', int('three'), { version: 3, id: 9, deleted: true }),
    inForce('JSON', '{}', { subject: 'j', id: 10 }),
    inForce('AVRO', '{"type":"nonsense"}', { subject: 'broken', id: 11 }),
  ];
  const payload = Buffer.from([4]);
  it.each<[what: string, options: object, bytes: Buffer, expected: object]>([
    ['the latest of the subject', { schema: 's' }, payload, { fields: { two: 2 } }],
    ['a pinned version', { schema: 's', schemaVersion: 1 }, payload, { fields: { one: 2 } }],
    ['the id in the payload', {}, wire(7, payload), { fields: { one: 2 } }],
    ['the id of one that was removed', {}, wire(9, payload), { fields: { three: 2 } }],
    [
      'an id that is not in force',
      {},
      wire(99, payload),
      { reason: 'unknown-schema', detail: 'no schema of id 99 is in force' },
    ],
    ['an id of another type', {}, wire(10, payload), { reason: 'unknown-schema' }],
    ['a subject that there is not', { schema: 'x' }, payload, { reason: 'unknown-schema' }],
    ['a version that there is not', { schema: 's', schemaVersion: 9 }, payload, { reason: 'unknown-schema' }],
    ['a schema that is none', { schema: 'broken' }, payload, { reason: 'unknown-schema' }],
    ['no prefix', {}, payload, { reason: 'schema' }],
    ['another magic byte', {}, Buffer.from([1, 0, 0, 0, 7, 4]), { reason: 'schema' }],
  ])('%s', (_, options, bytes, expected) => expect(decoderOf(schemas, options)(bytes)).toMatchObject(expected));
});

it('the fuzzing sees what is no reading', () => {
  expect(problem({ fields: {}, ownTimeUs: null })).not.toBeNull();
  expect(problem({ fields: { a: Number.NaN }, ownTimeUs: null })).not.toBeNull();
  expect(problem([{ fields: { a: 1 }, ownTimeUs: 0.5 }])).not.toBeNull();
  expect(problem({ reason: 'none', detail: '' })).not.toBeNull();
  expect(problem({ fields: { a: 1 }, ownTimeUs: null })).toBeNull();
});
