import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldNames } from './field-names.ts';
import { decodePayload } from './payload.ts';

const limits = { depthMax: 8, fieldsPerReadingMax: 256, readingsPerPublishMax: 3 };
const bytes = (text: string) => new TextEncoder().encode(text);
const json = (text: string, field: string | null = null) =>
  decodePayload({ format: 'json', field }, bytes(text), limits, new FieldNames());
const value = (text: string) =>
  decodePayload({ format: 'value', field: 'speed' }, bytes(text), limits, new FieldNames());
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const flat = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i])));

describe('arrays of JSON objects', () => {
  it('each is a reading, or refused alone', () => {
    expect(json('[{"t": 1, "ts": 1782900000}, {"t": [2]}, {"t": 3}]')).toMatchObject([
      { fields: { t: 1 }, ownTimeUs: 1_782_900_000e6 },
      { reason: 'wrong-shape' },
      { fields: { t: 3 }, ownTimeUs: null },
    ]);
  });

  it.each([
    ['[]', 'no-fields'],
    ['[1, [], null]', ['wrong-shape', 'wrong-shape', 'wrong-shape']],
    ['[{"t": 1}, {"t": 1}, {"t": 1}]', [undefined, undefined, undefined]],
    ['[{"t": 1}, {"t": 1}, {"t": 1}, {"t": 1}]', 'too-many-readings'],
  ])('%s', (text, reasons) => {
    const decoded = json(text);
    const reasonOf = (one: object) => ('reason' in one ? one.reason : undefined);
    expect(Array.isArray(decoded) ? decoded.map(reasonOf) : reasonOf(decoded)).toEqual(reasons);
  });
});

describe('JSON objects', () => {
  it.each([
    ['numbers, booleans and texts', '{"t": 21.5, "on": true, "mode": "auto"}', { t: 21.5, on: true, mode: 'auto' }],
    [
      'nested objects flatten',
      '{"motor": {"speed": 3, "bearing": {"t": 40}}}',
      { 'motor.speed': 3, 'motor.bearing.t': 40 },
    ],
    ['null says nothing', '{"t": null, "h": 50}', { h: 50 }],
    ['minus zero is zero', '{"t": -0}', { t: 0 }],
    ['a byte order mark', '\ufeff{"t": 1}', { t: 1 }],
    ['line breaks in a text', '{"log": "a\\n\\tb"}', { log: 'a\n\tb' }],
    ['names that objects have anyway', '{"toString": 1, "hasOwnProperty": 2}', { toString: 1, hasOwnProperty: 2 }],
    ['U+FFFD that the payload holds rightly', '{"t": "\ufffd"}', { t: '\ufffd' }],
  ])('%s', (_what, text, fields) => expect(json(text)).toMatchObject({ fields, ownTimeUs: null }));

  it.each([
    ['{"time": 1782900000, "t": 1}', { t: 1 }],
    ['{"timestamp": "2026-07-01T10:00:00Z", "t": 1}', { t: 1 }],
    ['{"ts": 1782900000000, "t": 1}', { t: 1 }],
    // The first of the three names is the time, another one is a field like any.
    ['{"ts": 5, "time": 1782900000, "t": 1}', { ts: 5, t: 1 }],
    ['{"time": null, "ts": 1782900000, "t": 1}', { t: 1 }],
  ])('the time is no field: %s', (text, fields) => {
    expect(json(text)).toMatchObject({ fields, ownTimeUs: expect.closeTo(1_782_900_000e6, -11) });
  });

  it('only the outermost object holds the time', () => {
    expect(json('{"a": {"time": 7}}')).toMatchObject({ fields: { 'a.time': 7 }, ownTimeUs: null });
  });

  it("under a template with {field} the names begin with the topic's", () => {
    expect(json('{"speed": 3}', 'motor')).toMatchObject({ fields: { 'motor.speed': 3 } });
  });

  it.each([
    ['not-json', '{"t": 1'],
    ['not-json', ''],
    ['not-json', ' '],
    ['wrong-shape', '21.5'],
    ['wrong-shape', 'null'],
    ['no-fields', '{}'],
    ['no-fields', '{"t": null, "u": {}}'],
    ['no-fields', '{"time": 1782900000}'],
    ['wrong-shape', '{"t": [1, 2]}'],
    ['not-json', '{"t": "NaN", oops}'],
    ['not-finite', '{"t": 1e999}'],
    ['not-finite', '{"a": {"t": -1e999}}'],
    ['not-finite', '{"t": NaN}'],
    ['not-finite', '{"a": 1, "b": -Infinity, "c": nan}'],
    ['not-finite', '{"time": 1e999, "t": 1}'],
    ['clock-unset', '{"time": "soon", "t": 1}'],
    ['too-deep', nested(9)],
    ['too-deep', nested(40_000)],
    ['too-many-fields', flat(257)],
    ['too-many-fields', flat(10_000)],
    ['bad-key', '{"": 1}'],
    ['bad-key', '{"__proto__": 1}'],
    ['bad-key', '{"__proto__": {"polluted": 1}}'],
    ['bad-key', '{"a": {"constructor": 1}}'],
    ['bad-key', '{"prototype": 1}'],
    ['bad-key', `{"${'k'.repeat(257)}": 1}`],
    ['bad-key', `{"${'k'.repeat(200)}": {"${'l'.repeat(200)}": 1}}`],
    ['bad-key', '{"a.b": 1, "a": {"b": 2}}'],
    ['bad-text', '{"a\\u0000b": 1}'],
    ['bad-text', '{"t": "a\\u0000b"}'],
    ['bad-text', '{"t": "\\ud800"}'],
    ['bad-text', JSON.stringify({ t: 'x'.repeat(1025) })],
    ['bad-text', JSON.stringify({ t: 'ä'.repeat(513) })],
  ])('%s: %s', (reason, text) => {
    expect(json(text)).toEqual({ reason, detail: expect.stringMatching(/^.{5,400}$/) });
  });

  it.each([
    ['depthMax', nested(8)],
    ['fieldsPerReadingMax', flat(256)],
    ['the longest name', `{"${'k'.repeat(256)}": 1}`],
    ['the longest text', JSON.stringify({ t: 'x'.repeat(1024) })],
  ])('exactly at the bound is taken: %s', (_what, text) => expect(json(text)).toHaveProperty('fields'));

  it('says where it was', () => {
    expect(json('{"motor": {"t": [1]}}')).toMatchObject({ detail: expect.stringContaining('"motor.t" is an array') });
  });

  it('pollutes nothing', () => {
    json('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    expect({}).not.toHaveProperty('polluted');
  });

  it('the shape is that of the names, in any order', () => {
    const shape = (text: string) => (json(text) as { shape: number }).shape;
    expect(shape('{"a": 1, "b": {"c": 2}}')).toBe(shape('{"b": {"c": "x"}, "time": 1782900000, "a": 5}'));
    expect(shape('{"a": 1}')).not.toBe(shape('{"b": 1}'));
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void json(text)));
    fc.assert(
      fc.property(
        fc.uint8Array(),
        (data) => void decodePayload({ format: 'json', field: null }, data, limits, new FieldNames()),
      ),
    );
  });

  it('flat objects of finite numbers come out as they went in', () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9_]{3,20}$/)
      .filter((text) => !['time', 'timestamp', 'constructor', 'prototype'].includes(text));
    const object = fc.dictionary(
      name,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(object, (fields) => {
        expect(json(JSON.stringify(fields))).toMatchObject({ fields: { ...fields }, ownTimeUs: null });
      }),
    );
  });
});

describe('bare values', () => {
  it.each([
    ['21.5', 21.5],
    ['-3', -3],
    [' +1e3\n', 1000],
    ['.5', 0.5],
    ['-0', 0],
    ['true', true],
    ['false', false],
    ['auto', 'auto'],
    ['0x10', '0x10'],
    ['{broken', '{broken'],
  ])('%j', (text, expected) => expect(value(text)).toMatchObject({ fields: { speed: expected }, ownTimeUs: null }));

  it.each([
    ['no-fields', ''],
    ['no-fields', ' \n'],
    ['wrong-shape', '{"t": 1}'],
    ['wrong-shape', '[1]'],
    ['not-finite', 'NaN'],
    ['not-finite', '-Infinity'],
    ['not-finite', 'inf'],
    ['not-finite', '1e999'],
    ['bad-text', 'a\0b'],
    ['bad-text', 'x'.repeat(1025)],
  ])('%s: %j', (reason, text) => expect(value(text)).toMatchObject({ reason }));
});

it.each(['json', 'value'] as const)('invalid UTF-8 is bad-text: %s', (format) => {
  const data = Uint8Array.of(0x22, 0xc3, 0x28, 0x22);
  expect(decodePayload({ format, field: 'f' }, data, limits, new FieldNames())).toMatchObject({ reason: 'bad-text' });
});
