import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { decoderOf, fuzz, inForce, wire } from './schema-under-test.ts';

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
