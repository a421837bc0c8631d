import { describe, expect, it } from 'vitest';
import type { TopicOf } from '../../infra/config/topic-schema.ts';
import { createDecoder } from './decoder.ts';
import { FieldNames } from './field-names.ts';

const limits = { depthMax: 3, fieldsPerReadingMax: 5, readingsPerPublishMax: 3 };
const decode = (payload: unknown, options: Partial<TopicOf<'json'>>, field: string | null = null) =>
  createDecoder(
    { template: 'j/{device}', format: 'json', ...options },
    limits,
    new FieldNames(),
  )({ topic: 'j/a', payload: new TextEncoder().encode(JSON.stringify(payload)), receivedAtUs: 0 }, field);

/** An uplink as LoRaWAN servers send it. */
const uplink = {
  end_device_ids: { device_id: 'eui-1' },
  received_at: '2026-07-01T10:00:00Z',
  uplink_message: { f_port: 2, decoded_payload: { temperature: 21.5, battery: 3.6 } },
};

describe('where things stand', () => {
  it.each<[what: string, payload: unknown, options: Partial<TopicOf<'json'>>, expected: unknown]>([
    [
      'device, time, and a field of another name',
      uplink,
      {
        device: 'end_device_ids.device_id',
        time: 'received_at',
        fields: { temperature: 'uplink_message.decoded_payload.temperature' },
        rest: 'drop',
      },
      { device: 'eui-1', ownTimeUs: Date.UTC(2026, 6, 1, 10) * 1e3, fields: { temperature: 21.5 } },
    ],
    [
      'the rest is kept',
      { data: { t: 1, h: 2 }, x: 3 },
      { fields: { temperature: 'data.t' } },
      { fields: { temperature: 1, 'data.h': 2, x: 3 } },
    ],
    [
      'the rest is dropped, a list in it too',
      { data: { t: 1, h: [2] }, x: [3] },
      { fields: { temperature: 'data.t' }, rest: 'drop' },
      { fields: { temperature: 1 } },
    ],
    [
      'a mapped object keeps what is in it',
      { d: { a: { b: 1, c: 2 } } },
      { fields: { m: 'd.a' }, rest: 'drop' },
      { fields: { 'm.b': 1, 'm.c': 2 } },
    ],
    [
      'tags',
      { meta: { line: 3 }, t: 1 },
      { tags: { line: 'meta.line', shift: 'meta.shift' } },
      { tags: { line: '3' }, fields: { t: 1 } },
    ],
    [
      'readings within, what is said of all of them above',
      {
        gateway: 'g1',
        at: 1_782_900_000,
        data: {
          readings: [
            { id: 'a', t: 1 },
            { id: 'b', t: 2 },
          ],
        },
      },
      { readings: 'data.readings', device: 'id', time: '$.at', tags: { gateway: '$.gateway' } },
      [
        { device: 'a', tags: { gateway: 'g1' }, ownTimeUs: 1_782_900_000e6, fields: { t: 1 } },
        { device: 'b', tags: { gateway: 'g1' }, fields: { t: 2 } },
      ],
    ],
    [
      'readings that are one object',
      { params: { ts: 1_782_900_000.5, t: 1 } },
      { readings: 'params' },
      { ownTimeUs: 1_782_900_000_500_000, fields: { t: 1 } },
    ],
    [
      'a list of readings',
      [{ id: 'a', t: 1 }, { id: 'b' }],
      { device: '$.id' },
      [{ device: 'a', fields: { t: 1 } }, { reason: 'no-fields' }],
    ],
    ['an item of a list', { v: [7, 8] }, { fields: { b: 'v.1' }, rest: 'drop', arrays: 'index' }, { fields: { b: 8 } }],
    ['items of lists', { p: [1, { q: 2 }] }, { arrays: 'index' }, { fields: { 'p.0': 1, 'p.1.q': 2 } }],
    [
      'a dot within a key',
      { 'a.b': 1, a: { b: 2 } },
      { fields: { x: String.raw`a\.b` } },
      { fields: { x: 1, 'a.b': 2 } },
    ],
    ['a unit of the time', { at: 500, t: 1 }, { time: 'at', timeUnit: 's' }, { ownTimeUs: 500e6 }],
    [
      'the time is the usual one unless said',
      { ts: 1_782_900_000, t: 1 },
      { tags: { x: 'x' } },
      { ownTimeUs: 1_782_900_000e6, fields: { t: 1 } },
    ],
    [
      'no time where the topic says that one stands',
      { ts: 5, t: 1 },
      { time: 'last_seen' },
      { ownTimeUs: null, fields: { ts: 5, t: 1 } },
    ],
  ])('%s', (_, payload, options, expected) => expect(decode(payload, options)).toMatchObject(expected as object));

  it('a field of the topic begins every name', () => {
    expect(decode({ output: true, tC: 5 }, { fields: { temperature: 'tC' } }, 'switch:0')).toMatchObject({
      fields: { 'switch:0.output': true, 'switch:0.temperature': 5 },
    });
  });

  it.each<[what: string, payload: unknown, options: Partial<TopicOf<'json'>>, reason: string]>([
    ['nothing at the place of the readings', { a: 1 }, { readings: 'data' }, 'wrong-shape'],
    ['no readings', { data: [] }, { readings: 'data' }, 'no-fields'],
    ['readings that are none', { data: 5 }, { readings: 'data' }, 'wrong-shape'],
    ['too many readings', { data: [{}, {}, {}, {}] }, { readings: 'data' }, 'too-many-readings'],
    ['a device that is an object', { id: {}, t: 1 }, { device: 'id' }, 'bad-key'],
    ['a list', { p: [1] }, { time: 'x' }, 'wrong-shape'],
    ['too deep', { a: { b: { c: { d: 1 } } } }, { arrays: 'index' }, 'too-deep'],
    ['too many fields', { p: [1, 2, 3, 4, 5, 6] }, { arrays: 'index' }, 'too-many-fields'],
    ['two fields of one name', { a: 1, b: 2 }, { fields: { a: 'b' } }, 'bad-key'],
    ['no time', { at: 'soon', t: 1 }, { time: 'at' }, 'clock-unset'],
    ['a reserved name', JSON.parse('{"__proto__": 1}'), { time: 'x' }, 'bad-key'],
    ['none of the fields', { a: 1 }, { fields: { b: 'c' }, rest: 'drop' }, 'no-fields'],
  ])('refused: %s', (_, payload, options, reason) => expect(decode(payload, options)).toMatchObject({ reason }));
});
