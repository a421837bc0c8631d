import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate, keyText, matchTopic } from '../../events/topics.ts';
import type { TopicConfig } from '../../infra/config/topic-schema.ts';
import { RequestRefused } from './answer.ts';
import { ReadingTopics } from './reading-topics.ts';
import { readingsIn } from './readings-body.ts';

const limits = { payloadMax: 200, depthMax: 3, readingsMax: 3 };
const written: TopicConfig[] = [
  { template: 'special/{device}/{field}', format: 'value' },
  // What says itself where things stand is no place for a reading of ours.
  { template: 'spBv1.0/STATE/{device}', format: 'json', time: 'timestamp' },
  { template: 'plants/main/{device}', format: 'json' },
  { template: 'plants/{site}/{device}', format: 'json' },
  { template: 'plants/{site}/{line}/{device}', format: 'json', arrays: 'index' },
  { template: '{device}', format: 'json' },
  { template: '{device}/{field}', format: 'json' },
];
const templates = written.map(compileTemplate);
const topics = new ReadingTopics(written);
const publishes = (value: unknown, text = JSON.stringify(value)) =>
  readingsIn(new TextEncoder().encode(text), topics, limits).map(({ topic, payload }) => [
    topic,
    Buffer.from(payload).toString(),
  ]);

describe('a reading is what its sensor would have published', () => {
  it.each([
    ['one tag', { device: 'p', tags: { site: 'x' }, fields: { t: 1 } }, 'plants/x/p', '{"t":1}'],
    [
      'two tags, in any order',
      { device: 'p', tags: { line: '2', site: 'x' }, fields: { t: 1 } },
      'plants/x/2/p',
      '{"t":1}',
    ],
    ['no tags: the first that needs none', { device: 'p', fields: { t: 1 } }, 'plants/main/p', '{"t":1}'],
    [
      'with its time',
      { device: 'p', time: '2026-07-01T10:00:00Z', fields: { t: true, u: 'on' } },
      'plants/main/p',
      '{"t":true,"u":"on","time":"2026-07-01T10:00:00Z"}',
    ],
    ['nested fields', { device: 'p', fields: { a: { b: { c: 1 } } } }, 'plants/main/p', '{"a":{"b":{"c":1}}}'],
    [
      'a name that JavaScript knows',
      { device: 'p', fields: JSON.parse('{"__proto__": 1}') as object },
      'plants/main/p',
      '{"__proto__":1}',
    ],
  ])('%s', (_, reading, topic, payload) => expect(publishes(reading)).toEqual([[topic, payload]]));

  it('several, in their order', () =>
    expect(publishes([1, 2].map((t) => ({ device: 'p', fields: { t } })))).toEqual([
      ['plants/main/p', '{"t":1}'],
      ['plants/main/p', '{"t":2}'],
    ]));

  it('keeps the nanoseconds that a double can', () =>
    expect(publishes(null, '{"device":"p","time":1782900000250000128,"fields":{"t":0.1}}')[0]![1]).toBe(
      '{"t":0.1,"time":1782900000250000100}',
    ));
});

describe('what is wrong is told with its place', () => {
  const fields = { t: 1 };
  it.each([
    [400, 'body: the body is not valid JSON', '{'],
    [400, 'body: the array is empty', '[]'],
    [400, '[1]: must be an object', [{ device: 'p', fields }, 7]],
    [400, 'device: must be text', { fields }],
    [400, 'tags: must be', { device: 'p', tags: [], fields }],
    [400, 'tags.site: must be text', { device: 'p', tags: { site: 1 }, fields }],
    [400, 'value: is not known', { device: 'p', value: 1, fields }],
    [400, 'fields: must be', { device: 'p', fields: {} }],
    [400, 'fields: must be', { device: 'p' }],
    [400, 'time: must be', { device: 'p', time: {}, fields }],
    [400, 'fields.ts: is a time', { device: 'p', fields: { ts: 1 } }],
    [400, 'fields.a.b.c: is nested deeper', { device: 'p', fields: { a: { b: { c: { d: 1 } } } } }],
    [400, 'fields.t: is beyond the range', '{"device":"p","fields":{"t":1e999}}'],
    [400, 'time: is not a finite', '{"device":"p","time":1e999,"fields":{"t":1}}'],
    [400, 'device "a/b" must be a level', { device: 'a/b', fields }],
    [400, 'device "" must be a level', { device: '', fields }],
    [400, 'site "+" must be a level', { device: 'p', tags: { site: '+' }, fields }],
    // Over MQTT that topic belongs to an earlier template: another device.
    [400, 'no JSON template of topics has device and site', { device: 'p', tags: { site: 'main' }, fields }],
    [400, 'no JSON template of topics has device and room', { device: 'p', tags: { room: 'x' }, fields }],
    [400, 'there is plants/main/{device}, plants/{site}/{device}', { device: 'p', tags: { room: 'x' }, fields }],
    [413, 'bytes of fields, at most 200', { device: 'p', fields: { t: 'x'.repeat(200) } }],
    [413, '4 readings, at most 3', [1, 2, 3, 4].map(() => ({ device: 'p', fields }))],
  ])('%i %s', (status, message, value) => {
    const attempt = () => publishes(value, typeof value === 'string' ? value : undefined);
    expect(attempt).toThrow(RequestRefused);
    expect(attempt).toThrow(expect.objectContaining({ status, message: expect.stringContaining(message) as string }));
  });

  it('bytes that are no text', () =>
    expect(() => readingsIn(Uint8Array.of(0xff), topics, limits)).toThrow('body: the body is not valid UTF-8'));

  it('whatever JSON comes: refused, or a topic whose device and tags are those asked for', () => {
    const text = fc.constantFrom('p', 'main', 'special', 'x', '', 'a/b', '#', 'plants');
    const reading = fc.record({
      device: text,
      tags: fc.dictionary(fc.constantFrom('site', 'line', 'room', '__proto__'), text),
      fields: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })),
    });
    fc.assert(
      fc.property(reading, (one) => {
        let found: string[][];
        try {
          found = publishes(one);
        } catch (error) {
          return error instanceof RequestRefused;
        }
        const match = matchTopic(templates, found[0]![0]!)!;
        expect(match).toMatchObject({ device: one.device, field: null });
        expect({ ...match.tags }).toEqual({ ...one.tags });
        expect(keyText(match.route)).toContain(keyText([one.device]));
        return true;
      }),
      { numRuns: 2_000 },
    );
  });
});
