import { describe, expect, it } from 'vitest';
import { compileTemplate, matchTopic, partitionOf, routeKey, templateTags } from './topics.ts';

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

describe('placeholders for several levels', () => {
  const several = [
    compileTemplate({ template: 'z/{device...}/availability', format: 'availability' }),
    compileTemplate({ template: 'shellies/{device}/{field...}', format: 'value' }),
    compileTemplate({ template: 'z/{device...}', format: 'json' }),
  ];

  it.each([
    ['z/lamp', 'lamp', null, 'lamp'],
    ['z/kitchen/lamp', 'kitchen/lamp', null, 'kitchen%2Flamp'],
    ['z/kitchen/lamp/availability', 'kitchen/lamp', null, 'kitchen%2Flamp'],
    // The placeholder takes one level at least: this is a device of that name.
    ['z/availability', 'availability', null, 'availability'],
    ['shellies/plug/relay/0/power', 'plug', 'relay.0.power', 'plug'],
    ['shellies/plug/temperature', 'plug', 'temperature', 'plug'],
  ])('%s', (topic, device, field, key) => {
    expect(matchTopic(several, topic)).toMatchObject({ device, field, tags: {} });
    expect(routeKey(several, topic)).toBe(key);
  });

  it.each(['z', 'z/', 'z/a//b', 'z/a/', 'shellies/plug', 'shellies/plug/a//b'])('nothing matches %j', (topic) =>
    expect(matchTopic(several, topic)).toBeNull(),
  );
});

describe('what is for the decoder', () => {
  const line = compileTemplate({ template: 'influx/{bucket}/{precision}', format: 'line-protocol' });

  it('is no tag and no part of the route: precisions of one device are one device', () => {
    expect(matchTopic([line], 'influx/telegraf/ms')).toMatchObject({ field: 'ms', tags: { bucket: 'telegraf' } });
    expect(routeKey([line], 'influx/telegraf/ms')).toBe('telegraf');
    expect(templateTags(line)).toEqual(['bucket']);
  });
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
    ['sensors/{device}/{device}', 'json'],
    ['sensors/+/{device}', 'json'],
    ['sensors/{site...}/{device}', 'json'],
    ['sensors/{device...}/{field...}', 'json'],
    ['sensors/{device..}', 'json'],
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
