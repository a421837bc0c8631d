import avro from 'avsc';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../infra/config/schema.ts';
import type { SchemaInForce, SchemaType } from '../../../infra/schemas/schema-text.ts';
import { FieldNames } from '../field-names.ts';
import { createSchemaDecoder } from './schema-decoder.ts';
import { SchemaReaders } from './schema-readers.ts';

const { limits } = configSchema.parse({});
const usOf = (text: string) => Date.parse(text) * 1_000;

function inForce(type: SchemaType, text: string, more: Partial<SchemaInForce> = {}): SchemaInForce {
  const place = { subject: 's', version: 1, id: 7, name: 's version 1', hash: String(more.id ?? 7) };
  return { type, text, references: [], ...place, ...more };
}

const formats = { AVRO: 'avro', PROTOBUF: 'protobuf', JSON: 'json-schema' } as const;

/** Decodes under a template of one schema's subject. */
function decoderOf(schemas: SchemaInForce[], options: object = { schema: 's' }, field: string | null = null) {
  const template = field === null ? 'a/{device}' : 'a/{device}/{field}';
  const topic = configSchema.parse({ topics: [{ template, format: formats[schemas[0]!.type], ...options }] })
    .topics[0]!;
  const decode = createSchemaDecoder(topic, limits, new FieldNames(), new SchemaReaders(schemas));
  return (payload: Uint8Array) => decode({ payload, topic: 'a/b', receivedAtUs: 0 }, field);
}

const wire = (id: number, bytes: Uint8Array) => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(id, 1);
  return Buffer.concat([prefix, bytes]);
};

const avroSchema = {
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'temperature', type: ['null', 'double'] },
    { name: 'count', type: 'long' },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['idle', 'running'] } },
    { name: 'raw', type: 'bytes' },
    { name: 'motor', type: { type: 'record', name: 'Motor', fields: [{ name: 'speed', type: 'float' }] } },
    { name: 'levels', type: { type: 'map', values: 'int' } },
    { name: 'phases', type: { type: 'array', items: 'double' } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
    { name: 'started', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] },
  ],
} as const;
const avroText = JSON.stringify(avroSchema);
const avroWriter = avro.Type.forSchema(avroSchema as unknown as avro.Schema, { wrapUnions: 'always' } as object);
const avroValue = {
  time: Date.parse('2026-07-01T10:00:00.250Z'),
  temperature: { double: 71.5 },
  count: 3,
  state: 'running',
  raw: Buffer.from([1, 2, 255]),
  motor: { speed: 1.5 },
  levels: { left: -4 },
  phases: [1.25, 2.5],
  price: Buffer.from([0xff, 0x85]),
  started: { long: usOf('2026-07-01T09:00:00Z') },
};

describe('avro', () => {
  it('becomes fields: nested ones, unions, enums, maps, lists, logical types', () => {
    const decoded = decoderOf([inForce('AVRO', avroText)])(avroWriter.toBuffer(avroValue));
    expect(decoded).toMatchObject({
      ownTimeUs: usOf('2026-07-01T10:00:00.250Z'),
      fields: {
        temperature: 71.5,
        count: 3,
        state: 'running',
        raw: 'AQL/',
        'motor.speed': 1.5,
        'levels.left': -4,
        'phases.0': 1.25,
        'phases.1': 2.5,
        price: -1.23,
        started: Date.parse('2026-07-01T09:00:00Z'),
      },
    });
    expect(decoded).not.toHaveProperty('fields.time');
  });

  it('an absent branch says nothing', () => {
    const bytes = avroWriter.toBuffer({ ...avroValue, temperature: null, started: null });
    const decoded = decoderOf([inForce('AVRO', avroText)])(bytes) as { fields: object };
    expect(Object.keys(decoded.fields)).not.toContain('temperature');
    expect(Object.keys(decoded.fields)).not.toContain('started');
  });

  it.each([
    ['timestamp-millis', Date.parse('2026-07-01T10:00:00Z')],
    ['timestamp-micros', usOf('2026-07-01T10:00:00Z')],
    ['timestamp-nanos', usOf('2026-07-01T10:00:00Z') * 1_000],
    ['local-timestamp-millis', Date.parse('2026-07-01T10:00:00Z')],
  ])('%s is the time', (logicalType, value) => {
    const type = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'ts', type: { type: 'long', logicalType } },
        { name: 'a', type: 'int' },
      ],
    };
    const bytes = Buffer.alloc(11);
    const length = zigzag(bytes, 0, BigInt(value));
    bytes[length] = 2;
    const decoded = decoderOf([inForce('AVRO', JSON.stringify(type))])(bytes.subarray(0, length + 1));
    expect(decoded).toMatchObject({ ownTimeUs: usOf('2026-07-01T10:00:00Z'), fields: { a: 1 } });
  });

  it('a list of records gives a reading each', () => {
    const item = { type: 'record', name: 'I', fields: [{ name: 'a', type: 'int' }] } as const;
    const whole = {
      type: 'record',
      name: 'W',
      fields: [{ name: 'items', type: { type: 'array', items: item } }],
    } as const;
    const bytes = avro.Type.forSchema(whole as unknown as avro.Schema).toBuffer({ items: [{ a: 1 }, { a: 2 }] });
    const schemas = [inForce('AVRO', JSON.stringify(whole))];
    const readings = decoderOf(schemas, { schema: 's', readings: 'items' })(bytes);
    expect(readings).toMatchObject([{ fields: { a: 1 } }, { fields: { a: 2 } }]);
    expect(decoderOf(schemas)(bytes)).toMatchObject({ fields: { 'items.0.a': 1, 'items.1.a': 2 } });
    const list = { type: 'array', items: item } as const;
    const bare = avro.Type.forSchema(list as unknown as avro.Schema).toBuffer([{ a: 1 }, { a: 2 }]);
    expect(decoderOf([inForce('AVRO', JSON.stringify(list))])(bare)).toHaveLength(2);
  });

  const one = (type: unknown) =>
    inForce('AVRO', JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'f', type }] }));
  it.each<[what: string, type: unknown, bytes: number[], reason: string, detail: RegExp]>([
    [
      'a list of more items than memory',
      { type: 'array', items: 'null' },
      [0xfe, 0xff, 0xff, 0xff, 0x0f],
      'schema',
      /^f has 2147483647 items/,
    ],
    [
      'a negative count of as many',
      { type: 'array', items: 'long' },
      [0xff, 0xff, 0xff, 0xff, 0x0f, 2],
      'schema',
      /^f has 2147483648 items/,
    ],
    ['a text that is cut off', 'string', [20, 65], 'schema', /^f is cut off/],
    ['a text of negative length', 'string', [1], 'schema', /^f has the length -1/],
    ['a symbol that there is not', { type: 'enum', name: 'E', symbols: ['A'] }, [4], 'schema', /^f is symbol 2 of 1/],
    ['a branch that there is not', ['null', 'int'], [6], 'schema', /^f is branch 3 of a union of 2/],
    ['a boolean of 7', 'boolean', [7], 'schema', /^f is no boolean/],
    ['a number of too many bytes', 'int', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 'schema', /^f is no number of 32 bits/],
    ['bytes behind the value', 'int', [2, 2], 'schema', /^1 bytes follow/],
    ['nothing', 'int', [], 'schema', /^f is cut off/],
    ['NaN', 'double', [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], 'not-finite', /"f"/],
    [
      'a reserved key',
      { type: 'map', values: 'int' },
      [2, 18, ...Buffer.from('__proto__'), 2, 0],
      'bad-key',
      /__proto__/,
    ],
  ])('%s is quarantined with its place', (_, type, bytes, reason, detail) => {
    expect(decoderOf([one(type)])(Buffer.from(bytes))).toEqual({ reason, detail: expect.stringMatching(detail) });
  });

  it('a record that holds itself without end is quarantined', () => {
    const text = JSON.stringify({
      type: 'record',
      name: 'R',
      fields: [
        { name: 'r', type: 'R' },
        { name: 's', type: 'R' },
      ],
    });
    expect(decoderOf([inForce('AVRO', text)])(Buffer.alloc(0))).toMatchObject({ reason: 'too-deep' });
  });

  it('gives a number or a refusal for any bytes, and never throws', () => {
    const decode = decoderOf([inForce('AVRO', avroText)]);
    const valid = avroWriter.toBuffer(avroValue);
    fuzz(decode, valid);
    fc.assert(
      // Beyond 2^51 it is avsc that does not write what it is given.
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
        (temperature, count) => {
          const bytes = avroWriter.toBuffer({ ...avroValue, temperature: { double: temperature }, count });
          expect(decode(bytes)).toMatchObject({ fields: { temperature: temperature + 0, count: count + 0 } });
        },
      ),
    );
  });
});

const protoText = `syntax = "proto3"; package plant;
import "google/protobuf/timestamp.proto";
message Reading {
  google.protobuf.Timestamp time = 1; double temperature = 2; int64 count = 3; optional int32 gain = 4;
  enum State { IDLE = 0; RUNNING = 1; } State state = 5; map<string, double> levels = 6; repeated float phases = 7;
  bytes raw = 8; Motor motor = 9; oneof which { string a = 10; bool b = 11; }
  message Motor { uint32 speed = 1; }
}
message Pack { repeated Reading readings = 1; }`;
const protoRoot = new protobuf.Root();
protoRoot.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')!.nested!);
protobuf.parse(protoText, protoRoot, { keepCase: true });
const Reading = protoRoot.lookupType('plant.Reading');
const seconds = Date.parse('2026-07-01T10:00:00Z') / 1_000;
const bytesOf = (type: protobuf.Type, value: object) => Buffer.from(type.encode(type.fromObject(value)).finish());
const protoBytes = bytesOf(Reading, {
  time: { seconds, nanos: 250_001_000 },
  temperature: 71.5,
  count: '9007199254740993',
  state: 1,
  levels: { left: 2 },
  phases: [1.5],
  raw: Buffer.from([1, 2, 255]),
  motor: { speed: 9 },
  b: true,
});

describe('protobuf', () => {
  const schemas = [inForce('PROTOBUF', protoText)];

  it('becomes fields', () => {
    expect(decoderOf(schemas)(protoBytes)).toMatchObject({
      ownTimeUs: seconds * 1e6 + 250_001,
      fields: {
        temperature: 71.5,
        count: 2 ** 53,
        state: 'RUNNING',
        'levels.left': 2,
        'phases.0': 1.5,
        raw: 'AQL/',
        'motor.speed': 9,
        b: true,
      },
    });
  });

  it('a value of 0 is one, where the schema cannot tell it from none', () => {
    const { fields } = decoderOf(schemas)(bytesOf(Reading, { motor: {} })) as { fields: object };
    expect(fields).toEqual({ temperature: 0, count: 0, state: 'IDLE', raw: '', 'motor.speed': 0 });
  });

  it('takes the message that the template names, and the readings of its list', () => {
    const pack = bytesOf(protoRoot.lookupType('plant.Pack'), { readings: [{ temperature: 1 }, { temperature: 2 }] });
    for (const message of ['Pack', 'plant.Pack'])
      expect(decoderOf(schemas, { schema: 's', message, readings: 'readings' })(pack)).toMatchObject([
        { fields: { temperature: 1 } },
        { fields: { temperature: 2 } },
      ]);
    expect(decoderOf(schemas, { schema: 's', message: 'None' })(pack)).toMatchObject({ reason: 'unknown-schema' });
  });

  it.each<[what: string, prefix: number[], payload: Buffer, expected: object]>([
    ['a single 0: the first message', [0], protoBytes, { fields: { temperature: 71.5 } }],
    ['[0] written out', [2, 0], protoBytes, { fields: { temperature: 71.5 } }],
    [
      '[0, 0]: a nested one',
      [4, 0, 0],
      bytesOf(Reading.nested!['Motor'] as protobuf.Type, { speed: 5 }),
      { fields: { speed: 5 } },
    ],
    ['none, as kafkajs writes it', [], protoBytes, { fields: { temperature: 71.5 } }],
    [
      'one that there is not',
      [2, 8],
      protoBytes,
      { reason: 'schema', detail: 'its message indexes name no message of the schema' },
    ],
  ])('message indexes: %s', (_, prefix, payload, expected) => {
    expect(decoderOf(schemas, {})(wire(7, Buffer.concat([Buffer.from(prefix), payload])))).toMatchObject(expected);
  });

  it.each<[what: string, bytes: number[], detail: RegExp]>([
    ['a value that is cut off', [0x11, 1, 2], /^plant\.Reading: .*out of range/],
    ['a wire type that there is not', [0x17], /^plant\.Reading: invalid/],
  ])('%s is quarantined', (_, bytes, detail) => {
    expect(decoderOf(schemas)(Buffer.from(bytes))).toEqual({ reason: 'schema', detail: expect.stringMatching(detail) });
  });

  it('gives a reading or a refusal for any bytes, and never throws', () => {
    fuzz(decoderOf(schemas), protoBytes);
    fuzz(decoderOf(schemas, {}), wire(7, Buffer.concat([Buffer.from([2, 0]), protoBytes])));
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), (temperature, count) => {
        const decoded = decoderOf(schemas)(bytesOf(Reading, { temperature, count: String(count) }));
        expect(decoded).toMatchObject({ fields: { temperature: temperature + 0, count: count + 0 } });
      }),
    );
  });
});

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
    fc.assert(fc.property(fc.json(), (text) => settle(decode(Buffer.from(text)))));
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

  it('names begin with the field of the topic', () => {
    expect(decoderOf(schemas, { schema: 's' }, 'motor')(payload)).toMatchObject({ fields: { 'motor.two': 2 } });
  });
});

/** Arbitrary, truncated and mutated payloads. */
function fuzz(decode: (bytes: Uint8Array) => unknown, valid: Buffer): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => settle(decode(bytes))),
    { numRuns: 500 },
  );
  for (let length = 0; length < valid.length; length++) settle(decode(valid.subarray(0, length)));
  const mutations = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(mutations, (list) => {
      const bytes = Buffer.from(valid);
      for (const [at, byte] of list) bytes[at] = byte;
      settle(decode(bytes));
    }),
    { numRuns: 1_000 },
  );
}

function settle(decoded: unknown): void {
  for (const one of [decoded].flat() as (
    | { reason: string; detail: string }
    | { fields: object; ownTimeUs: number | null }
  )[]) {
    if ('reason' in one) {
      expect(one.detail.length).toBeLessThan(1_000);
      continue;
    }
    const values = Object.values(one.fields) as unknown[];
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) {
      expect(['number', 'boolean', 'string']).toContain(typeof value);
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
    }
    if (one.ownTimeUs !== null) expect(Number.isInteger(one.ownTimeUs)).toBe(true);
  }
}

function zigzag(bytes: Buffer, from: number, value: bigint): number {
  let rest = (value << 1n) ^ (value >> 63n);
  let at = from;
  for (; rest >= 0x80n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
  bytes[at++] = Number(rest);
  return at;
}
