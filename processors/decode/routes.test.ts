import { describe, expect, it } from 'vitest';
import { configSchema } from '../../infra/config/schema.ts';
import { Routes } from './routes.ts';

const routes = new Routes(configSchema.parse({}));

it('a topic names device, tags and format', () => {
  expect(routes.of('sensors/plant1/press-7')).toMatchObject({
    key: 'plant1/press-7',
    device: 'press-7',
    field: null,
    tags: { site: 'plant1' },
    format: 'json',
    refusal: null,
  });
  expect(routes.of('sensors/plant1/press-7/speed')).toMatchObject({
    key: 'plant1/press-7',
    field: 'speed',
    format: 'value',
  });
});

it('remembers: the same topic has the same tags object', () => {
  expect(routes.of('sensors/a/b').tags).toBe(routes.of('sensors/a/b').tags);
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
