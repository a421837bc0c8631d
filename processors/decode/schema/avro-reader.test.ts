import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoderOf, fuzz, inForce } from './schema-under-test.ts';

const usOf = (text: string) => Date.parse(text) * 1_000;

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

function zigzag(bytes: Buffer, from: number, value: bigint): number {
  let rest = (value << 1n) ^ (value >> 63n);
  let at = from;
  for (; rest >= 0x80n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
  bytes[at++] = Number(rest);
  return at;
}
