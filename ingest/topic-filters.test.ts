import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TopicFilters } from './topic-filters.ts';

describe('match', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/', true],
    ['a/+', 'a', false],
    ['+/b', '/b', true],
    ['+', 'a/b', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['#', 'a/b', true],
    ['+/+/#', 'a/b', true],
    ['+/+/#', 'a', false],
    ['a//b', 'a//b', true],
    ['constructor/__proto__', 'constructor/__proto__', true],
  ])('%s and %s: %s', (filter, topic, matches) => {
    const filters = new TopicFilters<string>();
    filters.add(filter, 'x');
    expect(filters.match(topic)).toEqual(matches ? ['x'] : []);
  });
});

/** The rules of section 4.7 as a regular expression. */
function naive(filter: string, topic: string): boolean {
  const source = filter
    .split('/')
    .map((word, i) => {
      if (word === '#') return i === 0 ? '.*' : '(/.*)?';
      return `${i === 0 ? '' : '/'}${word === '+' ? '[^/]*' : word}`;
    })
    .join('');
  return new RegExp(`^${source}$`).test(topic);
}

const ascending = (a: number, b: number) => a - b;
const word = fc.constantFrom('', 'a', 'b', '+');
const filter = fc
  .tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([words, rest]) => (rest ? [...words, '#'] : words).join('/'));
const topic = fc.array(fc.constantFrom('', 'a', 'b'), { minLength: 1, maxLength: 5 }).map((words) => words.join('/'));

it('finds what a naive matcher finds, after additions and removals', () => {
  const change = fc.record({ filter, value: fc.nat(3), add: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), topic, (changes, name) => {
      const filters = new TopicFilters<number>();
      const held = new Map<string, { filter: string; value: number }>();
      for (const { add, ...entry } of changes) {
        if (add) filters.add(entry.filter, entry.value);
        else filters.remove(entry.filter, entry.value);
        if (add) held.set(JSON.stringify(entry), entry);
        else held.delete(JSON.stringify(entry));
      }
      const expected = [...held.values()].filter((entry) => naive(entry.filter, name)).map(({ value }) => value);
      expect(filters.size).toBe(held.size);
      expect(filters.match(name).toSorted(ascending)).toEqual(expected.toSorted(ascending));
    }),
  );
});
