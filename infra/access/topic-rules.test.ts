import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { compileRules, isCovered, isLevel, ownTopics, ruleProblem } from './topic-rules.ts';

const kitchen = { name: 'kitchen', tags: { site: 'home' } };

describe('rules', () => {
  it.each([
    ['sensors/{site}/{device}/#', 'sensors/home/kitchen/#'],
    ['{name}', 'kitchen'],
    ['x/{client}/+', 'x/kitchen/+'],
    ['/a', '/a'],
  ])('%s becomes %s', (rule, filled) => {
    expect(compileRules([rule], kitchen)).toEqual([filled.split('/')]);
  });

  it.each([
    ['a/#/b', '# has to be the last'],
    ['a/b#', 'neither a text'],
    ['a/{line}', '{line} is no tag of the credential: it has site'],
    ['$SYS/#', 'neither a text'],
    ['', '1 to 256'],
    ['a/{b', 'neither a text'],
  ])('%s is refused and allows nothing', (rule, problem) => {
    expect(ruleProblem(rule, kitchen.tags)).toContain(problem);
    expect(compileRules([rule], kitchen)).toEqual([]);
  });

  it.each(['a/b', '+', '#', '{name}', '', '$SYS', 'a\0', 'a\nb'])('%j cannot stand for a level', (text) => {
    expect(isLevel(text)).toBe(false);
  });
});

it.each([
  ['sensors/{site}/{device}', 'sensors/home/kitchen/#'],
  ['sensors/{site}/{device}/{field}', 'sensors/home/kitchen/#'],
  ['plc/{line}/{device}/{field}', 'plc/+/kitchen/#'],
  ['zigbee2mqtt/{device...}/availability', 'zigbee2mqtt/kitchen/#'],
  ['{area...}/{device}', null],
  ['gateway/{site}', null],
])('own topics under %s are %s', (template, own) => {
  expect(ownTopics([template, template], kitchen)).toEqual(own === null ? [] : [own.split('/')]);
});

describe('coverage', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a', false],
    ['a/b', 'a/b/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/+', true],
    ['a/+', 'a/#', false],
    ['a/+', 'a', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a/+/c', true],
    ['a/#', 'a/#', true],
    ['a/#', '#', false],
    ['a/#', '+/b', false],
    ['a/b', 'a/+', false],
    ['#', '#', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['a/+', 'a/', true],
    ['a', 'a/', false],
  ])('%s covers %s: %j', (pattern, filter, expected) => {
    expect(isCovered([pattern.split('/')], filter)).toBe(expected);
  });

  it('never covers a filter that matches a topic outside of the pattern', () => {
    const level = fc.constantFrom('a', 'b', '+');
    const filters = fc
      .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])]);
    const topics = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(filters, filters, topics, (pattern, filter, topic) => {
        if (!isCovered([pattern], filter.join('/')) || !matches(filter, topic)) return true;
        return matches(pattern, topic);
      }),
      { numRuns: 5_000 },
    );
  });
});

/** MQTT 3.1.1, 4.7.1, in the words of the specification. */
function matches([first, ...filter]: readonly string[], [head, ...topic]: readonly string[]): boolean {
  if (first === '#') return true;
  if (first === undefined || head === undefined) return first === undefined && head === undefined;
  if (first !== '+' && first !== head) return false;
  if (topic.length === 0 && filter.length === 1 && filter[0] === '#') return true;
  return matches(filter, topic);
}
