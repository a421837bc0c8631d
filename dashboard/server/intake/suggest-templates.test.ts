import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchTopic, compileTemplate } from '../../../events/topics.ts';
import type { PayloadFormat } from '../../../events/topics.ts';
import { suggestTemplates } from './suggest-templates.ts';

const lines = (topics: readonly (readonly [topic: string, format: PayloadFormat | null])[]) =>
  suggestTemplates(topics.map(([topic, format]) => ({ topic, format, count: 1 }))).map(({ line }) => line);

const many = (count: number, topic: (index: number) => string, format: PayloadFormat) =>
  Array.from({ length: count }, (_, index) => [topic(index), format] as const);

describe('one line for what belongs together', () => {
  it.each([
    [
      'JSON, three levels',
      [['home/kitchen/sensor1', 'json']],
      ['- { template: "home/{site}/{device}", format: json }'],
    ],
    ['JSON, one level', [['press-7', 'json']], ['- { template: "{device}", format: json }']],
    ['JSON, two levels', [['lab/press-7', 'json']], ['- { template: "lab/{device}", format: json }']],
    ['JSON, five levels', [['a/b/c/d/e', 'json']], ['- { template: "a/{site}/{area}/{line}/{device}", format: json }']],
    [
      'bare value, three levels',
      [['home/kitchen/temperature', 'value']],
      ['- { template: "home/{device}/{field}", format: value }'],
    ],
    [
      'bare value, four levels',
      [['home/up/fridge/temperature', 'value']],
      ['- { template: "home/{site}/{device}/{field}", format: value }'],
    ],
    ['bare value, one level: no device in it', [['temperature', 'value']], []],
    ['neither JSON nor value', [['spBv1.0/plant/NDATA/gateway', null]], []],
    [
      'a last level that says what is sent',
      [['tele/plug-3/SENSOR', 'json']],
      ['- { template: "tele/{device}/SENSOR", format: json }'],
    ],
    [
      'the device first, then what is sent',
      [['press-7/telemetry', 'json']],
      ['- { template: "{device}/telemetry", format: json }'],
    ],
    ['a leading slash', [['/plant/press-7', 'json']], ['- { template: "/plant/{device}", format: json }']],
    ['a trailing slash', [['plant/press-7/', 'json']], ['- { template: "plant/{device}/", format: json }']],
    ['a first level with letters that templates reserve', [['a{b/press-7', 'json']], []],
    [
      'the same shape, two systems',
      [
        ['a/x/1', 'json'],
        ['b/x/1', 'json'],
      ],
      ['- { template: "a/{site}/{device}", format: json }', '- { template: "b/{site}/{device}", format: json }'],
    ],
    [
      'both formats',
      [
        ['a/x/1', 'json'],
        ['a/x/2', 'value'],
      ],
      ['- { template: "a/{device}/{field}", format: value }', '- { template: "a/{site}/{device}", format: json }'],
    ],
    [
      'many first levels are places',
      many(6, (index) => `site-${index}/press`, 'json'),
      ['- { template: "{site}/{device}", format: json }'],
    ],
    [
      'many devices',
      many(200, (index) => `plant/line1/press-${index}`, 'json'),
      ['- { template: "plant/{site}/{device}", format: json }'],
    ],
    [
      'many devices before a level that never differs',
      many(5, (index) => `shellies/shelly-${index}/emeter`, 'json'),
      ['- { template: "shellies/{device}/emeter", format: json }'],
    ],
  ] as const)('%s', (_, topics, expected) => {
    expect(lines(topics).toSorted()).toEqual([...expected].toSorted());
  });
});

it('says how much each line takes in, the most frequent first', () => {
  const suggestions = suggestTemplates([
    { topic: 'lab/a', count: 2, format: 'json' },
    { topic: 'plant/x/a', count: 5, format: 'json' },
    { topic: 'plant/x/b', count: 9, format: 'json' },
  ]);
  expect(suggestions).toMatchObject([
    { template: 'plant/{site}/{device}', topics: 2, count: 14, examples: ['plant/x/b', 'plant/x/a'] },
    { template: 'lab/{device}', topics: 1, count: 2, examples: ['lab/a'] },
  ]);
});

it('every line matches every topic that it is counted for', () => {
  const level = fc.constantFrom('plant', 'press-7', 'SENSOR', '', 'ä b', '{x}', 'data', '+');
  const topic = fc.array(level, { minLength: 1, maxLength: 6 }).map((levels) => levels.join('/'));
  const stray = fc.record({
    topic,
    count: fc.nat(9),
    format: fc.constantFrom('json' as const, 'value' as const, null),
  });
  const topics = fc.uniqueArray(stray, { selector: (one) => one.topic, maxLength: 30 });
  fc.assert(
    fc.property(topics, (strays) => {
      const suggestions = suggestTemplates(strays);
      for (const { template, format, topics: number } of suggestions) {
        const compiled = compileTemplate({ template, format });
        const taken = strays.filter((one) => one.format === format && matchTopic([compiled], one.topic) !== null);
        expect(taken.length).toBeGreaterThanOrEqual(number);
      }
    }),
  );
});
