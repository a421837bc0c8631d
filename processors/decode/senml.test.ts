import { encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import type { TopicOf } from '../../infra/config/topic-schema.ts';
import { FieldNames } from './field-names.ts';
import { senml } from './senml.ts';

const limits = { depthMax: 8, fieldsPerReadingMax: 10, readingsPerPublishMax: 16 };
const receivedAtUs = 1_782_900_000_000_000;
type Options = Partial<Pick<TopicOf<'senml-json'>, 'template' | 'baseName'>>;

const decode = (payload: Uint8Array, format: 'senml-json' | 'senml-cbor', options: Options = {}) =>
  senml(
    { template: 'senml/{gateway}', format, ...options },
    limits,
    new FieldNames(),
  )({ topic: 'senml/g', payload, receivedAtUs }, null);
const json = (pack: unknown, options?: Options) =>
  decode(new TextEncoder().encode(typeof pack === 'string' ? pack : JSON.stringify(pack)), 'senml-json', options);

/** The examples of RFC 8428, section 5.1. */
describe('the examples of the RFC in JSON', () => {
  it('5.1.1: a single data point', () => {
    expect(json([{ n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.1 }])).toMatchObject({
      device: 'urn:dev:ow:10e2073a01080063',
      fields: { value: 23.1 },
      ownTimeUs: null,
    });
  });

  it('5.1.2: multiple data points', () => {
    const pack = [
      { bn: 'urn:dev:ow:10e2073a01080063:', n: 'voltage', u: 'V', v: 120.1 },
      { n: 'current', u: 'A', v: 1.2 },
    ];
    expect(json(pack)).toMatchObject({
      device: 'urn:dev:ow:10e2073a01080063',
      fields: { voltage: 120.1, current: 1.2 },
      ownTimeUs: null,
    });
  });

  it('5.1.2: times relative to a base', () => {
    const pack = [
      { bn: 'urn:dev:ow:10e2073a0108006:', bt: 1.276020076001e9, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
      { n: 'current', t: -5, v: 1.2 },
      { n: 'current', t: -4, v: 1.3 },
      { n: 'current', v: 1.7 },
    ];
    const at = 1_276_020_076_001_000;
    expect(json(pack)).toMatchObject([
      { fields: { voltage: 120.1, current: 1.7 }, ownTimeUs: at, device: 'urn:dev:ow:10e2073a0108006' },
      { fields: { current: 1.2 }, ownTimeUs: at - 5e6 },
      { fields: { current: 1.3 }, ownTimeUs: at - 4e6 },
    ]);
  });

  it('5.1.3: multiple measurements, of a device with a position', () => {
    const pack = [
      { bn: 'urn:dev:ow:10e2073a01080063', bt: 1.320067464e9, bu: '%RH', v: 20 },
      { u: 'lon', v: 24.30621 },
      { u: 'lat', v: 60.07965 },
      { t: 60, v: 20.3 },
    ];
    // One name, told apart by units alone.
    expect(json(pack)).toMatchObject([
      { fields: { value: 20, 'value.lon': 24.30621, 'value.lat': 60.07965 }, ownTimeUs: 1_320_067_464e6 },
      { device: 'urn:dev:ow:10e2073a01080063', fields: { value: 20.3 }, ownTimeUs: 1_320_067_524e6 },
    ]);
  });

  it('5.1.5: a collection of resources', () => {
    const pack = [
      { bn: '2001:db8::2/', bt: 1.320078429e9, n: 'temperature', u: 'Cel', v: 25.2 },
      { n: 'humidity', u: '%RH', v: 30 },
      { bn: '2001:db8::1/', n: 'temperature', u: 'Cel', v: 12.3 },
      { n: 'humidity', u: '%RH', v: 67 },
    ];
    const ownTimeUs = 1_320_078_429e6;
    expect(json(pack)).toMatchObject([
      { device: '2001:db8::2', fields: { temperature: 25.2, humidity: 30 }, ownTimeUs },
      { device: '2001:db8::1', fields: { temperature: 12.3, humidity: 67 }, ownTimeUs },
    ]);
  });

  it('5.1.4: resolved data, and other types of values', () => {
    const pack = [
      { bn: 'urn:dev:ow:10e2073a01080063:', n: 'temp', u: 'Cel', v: 23.1 },
      { n: 'label', vs: 'Machine Room' },
      { n: 'open', vb: false },
      { n: 'nfv-reader', vd: 'aGkgCg' },
    ];
    expect(json(pack)).toMatchObject({
      fields: { temp: 23.1, label: 'Machine Room', open: false, 'nfv-reader': 'aGkgCg' },
    });
  });
});

/** Section 6: the CBOR of the example with times relative to now. */
it('the example of the RFC in CBOR', () => {
  const hex = `87a721781b75726e3a6465763a6f773a3130653230373361303130383030363a22fb41d303a15b00106223614120050067766f6c746167650161560
2fb405e066666666666a3006763757272656e74062402fb3ff3333333333333a3006763757272656e74062302fb3ff4cccccccccccda3006763757272656e7406
2202fb3ff6666666666666a3006763757272656e74062102f93e00a3006763757272656e74062002fb3ff999999999999aa3006763757272656e74060002fb3ff
b333333333333`;
  const at = 1_276_020_076_001_000;
  expect(decode(Buffer.from(hex.replaceAll('\n', ''), 'hex'), 'senml-cbor')).toMatchObject([
    { device: 'urn:dev:ow:10e2073a0108006', fields: { voltage: 120.1, current: 1.7 }, ownTimeUs: at },
    { fields: { current: 1.2 }, ownTimeUs: at - 5e6 },
    { fields: { current: 1.3 }, ownTimeUs: at - 4e6 },
    { fields: { current: 1.4 }, ownTimeUs: at - 3e6 },
    { fields: { current: 1.5 }, ownTimeUs: at - 2e6 },
    { fields: { current: 1.6 }, ownTimeUs: at - 1e6 },
  ]);
});

describe('base fields', () => {
  it.each<[what: string, pack: unknown[], options: Options, expected: unknown]>([
    [
      'a base value is added',
      [
        { bn: 'd:', bv: 20, n: 'a', v: 1.5 },
        { n: 'b', u: 'V' },
      ],
      {},
      { fields: { a: 21.5, b: 20 } },
    ],
    ['a base sum is added', [{ bn: 'd:', bs: 100, n: 'a', s: 5 }], {}, { fields: { 'a.sum': 105 } }],
    ['a value and a sum', [{ bn: 'd:', n: 'a', v: 1, s: 5 }], {}, { fields: { a: 1, 'a.sum': 5 } }],
    ['relative to the arrival', [{ n: 'd', t: -60, v: 1 }], {}, { ownTimeUs: receivedAtUs - 60e6 }],
    [
      'the last relative time',
      [{ n: 'd', t: 2 ** 28 - 1, v: 1 }],
      {},
      { ownTimeUs: receivedAtUs + (2 ** 28 - 1) * 1e6 },
    ],
    ['the first absolute time', [{ n: 'd', t: 2 ** 28, v: 1 }], {}, { ownTimeUs: 2 ** 28 * 1e6 }],
    ['now', [{ n: 'd', t: 0, v: 1 }], {}, { ownTimeUs: null }],
    [
      'a record of base fields only',
      [
        { bn: 'd:', bt: 1.7e9 },
        { n: 'a', v: 1 },
      ],
      {},
      { device: 'd', fields: { a: 1 }, ownTimeUs: 1.7e15 },
    ],
    ['labels that are not known', [{ n: 'd', v: 1, x: [1] }], {}, { fields: { value: 1 } }],
    ['a path as name', [{ n: 'plant/press/temp', v: 1 }], {}, { device: 'plant/press', fields: { temp: 1 } }],
    ['the topic is the device', [{ n: 'temp', v: 1 }], { template: 'd/{device}' }, { fields: { temp: 1 } }],
    [
      'names are fields',
      [{ bn: 'in/', n: 'temp', v: 1 }],
      { template: 'd/{device}', baseName: 'field' },
      { fields: { 'in/temp': 1 } },
    ],
  ])('%s', (_, pack, options, expected) => expect(json(pack, options)).toMatchObject(expected as object));

  it('a device of the topic is not named', () => {
    expect(json([{ n: 'temp', v: 1 }], { template: 'd/{device}' })).not.toHaveProperty('device');
  });
});

describe('refused', () => {
  it.each<[what: string, pack: unknown, reason: string, detail: string]>([
    ['no JSON', '[{', 'not-json', ''],
    ['no array', {}, 'malformed', 'array of records'],
    ['empty', [], 'malformed', 'empty'],
    ['a record is none', [{ n: 'a', v: 1 }, 5], 'malformed', 'record 2'],
    ['no name', [{ v: 1 }], 'malformed', 'record 1 has no name'],
    ['no value', [{ n: 'a' }], 'malformed', 'no value and no sum'],
    ['two values', [{ n: 'a', v: 1, vs: 'x' }], 'malformed', 'v, vs'],
    ['a value of another type', [{ n: 'a', v: '1' }], 'malformed', '"v" is no number'],
    ['a later version', [{ bver: 11, n: 'a', v: 1 }], 'malformed', 'version 11'],
    ['what must be understood', [{ n: 'a', v: 1, foo_: 1 }], 'malformed', '"foo_"'],
    ['base fields only', [{ bn: 'a' }], 'malformed', 'no record'],
    ['too many', Array.from({ length: 17 }, () => ({ n: 'a', v: 1 })), 'too-many-readings', '17'],
  ])('%s', (_, pack, reason, detail) =>
    expect(json(pack)).toMatchObject({ reason, detail: expect.stringContaining(detail) as string }),
  );

  it.each<[what: string, payload: Uint8Array, reason: string]>([
    ['cut off', Buffer.from('81a2006161', 'hex'), 'malformed'],
    ['no array', encode(5), 'malformed'],
    ['deep', Buffer.concat([Buffer.alloc(100_000, 0x81), Buffer.from([0x80])]), 'too-deep'],
    ['deep, of indefinite length', Buffer.alloc(100_000, 0x9f), 'too-deep'],
    ['an array that claims more than there is', Buffer.from('9bffffffffffffffff', 'hex'), 'malformed'],
    ['a text that claims more than there is', Buffer.from('81a1007bffffffffffffffff', 'hex'), 'malformed'],
    [
      'NaN',
      encode([
        new Map<number, unknown>([
          [0, 'a'],
          [2, Number.NaN],
        ]),
      ]),
      'not-finite',
    ],
  ])('CBOR: %s', (_, payload, reason) => expect(decode(payload, 'senml-cbor')).toMatchObject({ reason }));

  it('decimal fractions are numbers', () => {
    // [{0: "a", 2: 4([-1, 235])}]
    expect(decode(Buffer.from('81a200616102c4822018eb', 'hex'), 'senml-cbor')).toMatchObject({
      fields: { value: 23.5 },
    });
  });
});
