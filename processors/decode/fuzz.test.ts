import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quarantineReasons } from '../../events/quarantine.ts';
import type { TopicConfig } from '../../infra/config/topic-schema.ts';
import type { DecodedPayload } from '../step.ts';
import { createDecoder } from './decoder.ts';
import { FieldNames, nameProblem } from './field-names.ts';
import { noReading } from './no-reading.ts';
import type { Refusal } from './refusal.ts';
import { textBytesMax } from './text.ts';

const limits = { depthMax: 4, fieldsPerReadingMax: 8, readingsPerPublishMax: 6 };
const receivedAtUs = 1_782_900_000_000_000;
const bytes = (text: string) => new TextEncoder().encode(text);

const lines =
  'cpu,cpu=cpu0,host=a\\ b usage=1.5,n=2i,u=3u,ok=t,s="x\\"y" 1782900000000000000\n# note\nmem,host=a used=5';
const pack = [
  { bn: 'urn:dev:1:', bt: 1_782_900_000, bu: 'A', bv: 1, bver: 5, n: 'voltage', u: 'V', v: 120.1 },
  { n: 'current', t: -5, v: 1.2, s: 3 },
  { n: 'label', vs: 'x' },
  { n: 'open', vb: true, ut: 5 },
];
const labels: Record<string, number> = {
  bver: -1,
  bn: -2,
  bt: -3,
  bu: -4,
  bv: -5,
  n: 0,
  u: 1,
  v: 2,
  vs: 3,
  vb: 4,
  s: 5,
  t: 6,
  ut: 7,
};
const cbor = encode(
  pack.map((record) => new Map(Object.entries(record).map(([label, value]) => [labels[label]!, value]))),
);
const nested = JSON.stringify({
  time: '2026-07-01T10:00:00',
  id: 'p7',
  meta: { line: 3 },
  data: [
    { t: 1.5, on: true },
    { t: null, s: 'x' },
  ],
});

/** Each format with a payload that it takes. */
const formats: [name: string, topic: TopicConfig, field: string | null, valid: Uint8Array][] = [
  [
    'json',
    { template: 'a/{device}', format: 'json' },
    null,
    bytes('[{"time": 1782900000, "t": 1, "m": {"s": "x"}}, {"t": true}]'),
  ],
  [
    'json, mapped',
    {
      template: 'a/{device}',
      format: 'json',
      readings: 'data',
      device: '$.id',
      time: '$.time',
      timezone: 'Europe/Berlin',
      tags: { line: '$.meta.line' },
      fields: { temperature: 't' },
    },
    null,
    bytes(nested),
  ],
  [
    'json, with lists',
    { template: 'a/{device}', format: 'json', arrays: 'index', time: 'time', timeUnit: 'ms' },
    'f',
    bytes(nested),
  ],
  [
    'json, the rest dropped',
    { template: 'a/{device}', format: 'json', rest: 'drop', fields: { a: 'data.0.t', b: 'meta' }, arrays: 'index' },
    null,
    bytes(nested),
  ],
  ['value', { template: 'a/{device}/{field}', format: 'value' }, 'f', bytes('-21.5e1')],
  [
    'value, with objects',
    { template: 'a/{device}/{field}', format: 'value', objects: 'fields' },
    'f',
    bytes('{"a": 1}'),
  ],
  [
    'csv',
    {
      template: 'a/{x}',
      format: 'csv',
      columns: ['time', 'id', 'line', 'a', 'b'],
      device: 'id',
      tags: ['line'],
      delimiter: ';',
      decimal: ',',
    },
    null,
    bytes('1782900000;p7;3;1,5;"x;y"\n1782900001;p7;3;;true\n'),
  ],
  [
    'csv, with a header',
    { template: 'a/{device}', format: 'csv', header: true },
    null,
    bytes('time,a,b\n1782900000,1,"x\ny"\n'),
  ],
  ['senml-json', { template: 'a/{x}', format: 'senml-json' }, null, bytes(JSON.stringify(pack))],
  ['senml-cbor', { template: 'a/{x}', format: 'senml-cbor' }, null, cbor],
  ['senml-cbor, names are fields', { template: 'a/{device}', format: 'senml-cbor', baseName: 'field' }, null, cbor],
  ['line-protocol', { template: 'a/{x}', format: 'line-protocol', defaultDevice: 'd' }, null, bytes(lines)],
  [
    'line-protocol, of a device',
    { template: 'a/{device}/{precision}', format: 'line-protocol', attributes: ['cpu'] },
    'ns',
    bytes(lines),
  ],
  ['availability', { template: 'a/{device}', format: 'availability' }, null, bytes('{"state": "online"}')],
  ['drop', { template: 'a', format: 'drop' }, null, bytes('x')],
];

/** What is wrong with an outcome; null when it is a refusal with a reason, or a reading within all bounds. */
function fault(one: DecodedPayload | Refusal): string | null {
  if ('reason' in one)
    return Object.hasOwn(quarantineReasons, one.reason) && one.detail !== '' ? null : `refusal ${JSON.stringify(one)}`;
  const { fields, ownTimeUs, shape, presence } = one;
  const found = Object.entries(fields);
  if (found.length === 0 || found.length > limits.fieldsPerReadingMax) return `${found.length} fields`;
  for (const [name, value] of found) {
    if (nameProblem(name) !== null) return `name ${JSON.stringify(name)}`;
    if (
      typeof value === 'number'
        ? !Number.isFinite(value) || Object.is(value, -0)
        : !['boolean', 'string'].includes(typeof value)
    )
      return `value ${String(value)}`;
    if (typeof value === 'string' && Buffer.byteLength(value) > textBytesMax) return 'a long text';
  }
  if (!Number.isSafeInteger(shape)) return `shape ${shape}`;
  if (ownTimeUs !== null && !Number.isInteger(ownTimeUs)) return `time ${ownTimeUs}`;
  return presence === undefined || typeof fields['online'] === 'boolean' ? null : 'presence without its field';
}

function saysNothing({ format }: TopicConfig, payload: Uint8Array): boolean {
  return format === 'drop' || (format === 'availability' && payload.length === 0);
}

function faultOf(topic: TopicConfig, field: string | null, payload: Uint8Array): string | null {
  const decoded = createDecoder(topic, limits, new FieldNames())({ topic: 'a/b', payload, receivedAtUs }, field);
  if (decoded === noReading) return saysNothing(topic, payload) ? null : 'nothing';
  if (!Array.isArray(decoded)) return fault(decoded as DecodedPayload | Refusal);
  if (decoded.length === 0 || decoded.length > limits.readingsPerPublishMax) return `${decoded.length} readings`;
  return decoded.map(fault).find((one) => one !== null) ?? null;
}

function holds(topic: TopicConfig, field: string | null, payload: Uint8Array): void {
  expect(faultOf(topic, field, payload)).toBeNull();
}

/** Bytes changed, cut out, doubled and put in, some of them those that mean something to a format. */
const mutations = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(3),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc
        .constantFrom(
          '{',
          '}',
          '[',
          ']',
          '"',
          ',',
          ':',
          '=',
          '\\',
          ' ',
          '\n',
          ';',
          '-',
          '.',
          'e',
          '999',
          'null',
          '__proto__',
          'NaN',
          '\u00a0',
          '\ufeff',
        )
        .map(bytes),
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

function mutated(
  valid: Uint8Array,
  changes: readonly { at: number; remove: number; insert: Uint8Array }[],
): Uint8Array {
  let result = Buffer.from(valid);
  for (const { at, remove, insert } of changes) {
    const place = Math.floor(at * result.length);
    result = Buffer.concat([result.subarray(0, place), insert, result.subarray(place + remove)]);
  }
  return result;
}

describe.each(formats)('%s: a correct reading or a refusal, never a throw', (_, topic, field, valid) => {
  it('takes what is valid', () => {
    const decoded = createDecoder(
      topic,
      limits,
      new FieldNames(),
    )({ topic: 'a/b', payload: valid, receivedAtUs }, field);
    expect(JSON.stringify(decoded)).not.toContain('"reason"');
    holds(topic, field, valid);
  });

  it('of arbitrary bytes', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => holds(topic, field, payload)),
      { numRuns: 250 },
    ));

  it('of arbitrary JSON and text', () =>
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 7 }), fc.string({ unit: 'binary', maxLength: 300 })), (text) =>
        holds(topic, field, bytes(text)),
      ),
      { numRuns: 250 },
    ));

  it('cut off anywhere', () => {
    for (let length = 0; length < valid.length; length++) holds(topic, field, valid.subarray(0, length));
  });

  it('of mutations of what is valid', () =>
    fc.assert(
      fc.property(mutations, (changes) => holds(topic, field, mutated(valid, changes))),
      { numRuns: 600 },
    ));

  /** As large as a payload may be: what would take the square of it would not end. */
  it.each([
    ['[', 262_144],
    ['{"a":', 50_000],
    ['"', 262_144],
    [',', 262_144],
    ['a,', 131_072],
    ['a=1,', 65_536],
    ['\n', 262_144],
    ['a b=1\n', 43_690],
    ['\\', 262_144],
    ['{},', 87_381],
    ['\u0081', 131_072],
    [';', 262_144],
  ])('%j again and again', (unit, count) => {
    for (const payload of [unit.repeat(count), `[${unit.repeat(count - 1)}`, `m,${unit.repeat(count - 1)}`])
      holds(topic, field, bytes(payload.slice(0, 262_144)));
  });
});

it.each<[what: string, topic: TopicConfig, payload: unknown]>([
  [
    'a long name above many fields',
    { template: 'a/{device}', format: 'json', time: 'x' },
    { ['k'.repeat(100_000)]: Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [i, 1])) },
  ],
  [
    'a long base name above many records',
    { template: 'a/{x}', format: 'senml-json' },
    [{ bn: 'k'.repeat(100_000), v: 1 }, ...Array.from({ length: 15_000 }, () => ({ v: 1 }))],
  ],
  [
    'a long device of many readings',
    { template: 'a/{x}', format: 'json', readings: 'r', device: '$.d' },
    { d: 'k'.repeat(100_000), r: Array.from({ length: 15_000 }, () => ({ t: 1 })) },
  ],
])('%s is refused once', (_, topic, payload) => {
  const many = { depthMax: 8, fieldsPerReadingMax: 100_000, readingsPerPublishMax: 100_000 };
  const decoded = createDecoder(
    topic,
    many,
    new FieldNames(),
  )({ topic: 'a/b', payload: bytes(JSON.stringify(payload)), receivedAtUs }, null);
  expect(Array.isArray(decoded) ? decoded[0] : decoded).toMatchObject({ reason: 'bad-key' });
});
