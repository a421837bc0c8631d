import { describe, expect, it } from 'vitest';
import { configSchema } from '../../infra/config/schema.ts';
import { Routes } from './routes.ts';

const routes = new Routes(configSchema.parse({}));
const payload = (text: string) => ({ payload: Buffer.from(text), topic: '', receivedAtUs: 0 });

it('a topic names device, tags and format', () => {
  expect(routes.of('sensors/plant1/press-7')).toMatchObject({
    key: 'plant1/press-7',
    device: 'press-7',
    field: null,
    tags: { site: 'plant1' },
    refusal: null,
  });
  expect(routes.of('sensors/plant1/press-7/speed')).toMatchObject({
    key: 'plant1/press-7',
    field: 'speed',
  });
});

it('remembers: the same topic has the same tags object', () => {
  expect(routes.of('sensors/a/b').tags).toBe(routes.of('sensors/a/b').tags);
});

it('decodes by the format of its template', () => {
  expect(routes.of('sensors/plant1/press-7').decode(payload('{"t": 1}'), null)).toMatchObject({ fields: { t: 1 } });
  expect(routes.of('sensors/plant1/press-7/speed').decode(payload('7'), 'speed')).toMatchObject({
    fields: { speed: 7 },
  });
});

describe('devices named in payloads', () => {
  const topic = 'sensors/plant1/gateway';
  const within = (named: Parameters<Routes['within']>[2]) => routes.within(topic, routes.of(topic), named);

  it('stand under the route key, with tags in one order', () => {
    const found = within({ device: 'a/b', tags: { z: '1', line: '2' } });
    expect(found).toMatchObject({ key: 'plant1/gateway/a%2Fb', device: 'gateway/a/b', refusal: null });
    expect(Object.entries(found.tags)).toEqual([
      ['site', 'plant1'],
      ['line', '2'],
      ['z', '1'],
    ]);
    expect(within({ device: 'a/b', tags: { line: '2', z: '1' } }).tagsHash).toBe(found.tagsHash);
    expect(within({ device: 'a/b', tags: { line: '3', z: '1' } }).tagsHash).not.toBe(found.tagsHash);
  });

  it('are remembered', () => expect(within({ device: 'x' })).toBe(within({ device: 'x' })));

  it.each([
    ['bad-key', { device: '' }],
    ['bad-key', { device: '__proto__' }],
    ['bad-text', { device: 'a\0' }],
    ['bad-key', { tags: { site: 'plant2' } }],
    ['bad-key', { tags: { device: 'x' } }],
    ['bad-text', { tags: { line: '\u0085' } }],
  ])('%s: %j', (reason, named) => expect(within(named).refusal).toMatchObject({ reason }));
});

describe('refusals', () => {
  it.each([
    ['no-template', 'other/topic'],
    ['no-template', Array.from({ length: 100 }, () => 'a').join('/')],
    ['no-template', ''],
    ['no-template', 'sensors//press-7'],
    ['bad-key', `sensors/plant1/${'x'.repeat(256)}`],
    ['bad-key', 'sensors/plant1/__proto__'],
    ['bad-key', 'sensors/constructor/press-7'],
    ['bad-key', 'sensors/plant1/press-7/prototype'],
    ['bad-text', 'sensors/plant1/press\0'],
    ['bad-text', 'sensors/plant1/press\u0085'],
    ['bad-text', 'sensors/plant1/press\ufffd'],
    ['bad-text', 'sensors/plant1/press\ud800'],
  ])('%s: %j', (reason, topic) => expect(routes.of(topic).refusal).toMatchObject({ reason }));

  it('keeps the key where the topic named one', () => {
    expect(routes.of('sensors/plant1/__proto__').key).toBe('plant1/__proto__');
    expect(routes.of('other/topic').key).toBeNull();
  });
});
