import { describe, expect, it } from 'vitest';
import { compileTemplate, matchTopic, partitionOf, routeKey } from './topics.ts';

const templates = [
  compileTemplate({ template: 'sensors/{site}/{device}', format: 'json' }),
  compileTemplate({ template: 'sensors/{site}/{device}/{field}', format: 'value' }),
];

describe('matchTopic', () => {
  it.each([
    ['sensors/plant1/press-7', 'press-7', null, { site: 'plant1' }],
    ['sensors/plant1/press-7/temperature', 'press-7', 'temperature', { site: 'plant1' }],
  ])('%s', (topic, device, field, tags) => {
    expect(matchTopic(templates, topic)).toMatchObject({ device, field, tags });
  });

  it.each(['sensors/plant1', 'sensors//press-7', 'sensors/plant1/', '/sensors/plant1/press-7', 'other/a/b', ''])(
    'nothing matches %j',
    (topic) => expect(matchTopic(templates, topic)).toBeNull(),
  );
});

describe('routeKey', () => {
  it.each([
    ['sensors/plant1/press-7', 'plant1/press-7'],
    ['sensors/plant1/press-7/temperature', 'plant1/press-7'],
    ['sensors/a b/ä', 'a%20b/%C3%A4'],
    ['no/template/matches/this/topic', 'no/template/matches/this/topic'],
  ])('%s -> %s', (topic, key) => expect(routeKey(templates, topic)).toBe(key));
});

describe('compileTemplate', () => {
  it.each([
    ['sensors/{site}', 'json'],
    ['sensors/{device}/{device}', 'json'],
    ['sensors/+/{device}', 'json'],
    ['sensors/{device}', 'value'],
  ] as const)('refuses %s as %s', (template, format) => {
    expect(() => compileTemplate({ template, format })).toThrow(RangeError);
  });
});

describe('partitionOf', () => {
  it('is FNV-1a: the published vectors', () => {
    expect(partitionOf('', 2 ** 32)).toBe(0x811c9dc5);
    expect(partitionOf('a', 2 ** 32)).toBe(0xe40c292c);
    expect(partitionOf('foobar', 2 ** 32)).toBe(0xbf9cf968);
  });
});
