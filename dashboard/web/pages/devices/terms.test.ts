import { expect, it } from 'vitest';
import { termsOf, termValue, withoutTerm, withTerm } from './terms.ts';

it.each([
  ['', []],
  ['press line:bake temperature>80 is:stale', ['press', 'line:bake', 'temperature>80', 'is:stale']],
  ['  press  ', ['press']],
  ['site:"plant 1" press', ['site:"plant 1"', 'press']],
  ['site:"plant 1', ['site:"plant 1']],
])('%j', (search, terms) => expect(termsOf(search)).toEqual(terms));

it.each([
  ['', 'site', 'plant1', 'site:plant1'],
  ['press', 'site', 'plant1', 'press site:plant1'],
  ['site:plant1 press', 'site', 'plant2', 'site:plant2 press'],
  ['site:plant1 press', 'site', null, 'press'],
  ['press', 'site', 'plant 1', 'press site:"plant 1"'],
])('%j with %s %s', (search, name, value, expected) => {
  const made = withTerm(search, name, value);
  expect(made).toBe(expected);
  expect(termValue(made, name)).toBe(value);
});

it('a chip removes its own term', () =>
  expect(withoutTerm('press is:stale temperature>80', 1)).toBe('press temperature>80'));
