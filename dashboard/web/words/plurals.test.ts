import { expect, it } from 'vitest';
import { cutMiddle, listed, plural, pluralCount } from './plurals.ts';

it.each([
  [0, 'no devices'],
  [1, '1 device'],
  [1204, '1,204 devices'],
])('%s: %s', (amount, text) => expect(plural(amount, 'device')).toBe(text));

it('zero is said where numbers are compared', () => expect(pluralCount(0, 'connection')).toBe('0 connections'));

it.each([
  ['press-7', 10, 'press-7'],
  ['press-line-4-cell-0042', 14, 'press-li…-0042'],
])('%s in %s letters', (name, max, cut) => {
  expect(cutMiddle(name, max)).toBe(cut);
  expect(cut.length).toBeLessThanOrEqual(max);
});

it('lists', () => {
  expect(listed([])).toBe('');
  expect(listed(['a'])).toBe('a');
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
});
