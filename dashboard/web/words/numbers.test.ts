import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, bytesOf, decimal, decimalsOf, everyDigit, percent, rate } from './numbers.ts';
import { resolution } from './resolution.ts';

describe('decimal', () => {
  it.each([
    [91.6, 1, '91.6'],
    [91.6, 2, '91.60'],
    [4812, 0, '4,812'],
    [9_999_999, 0, '9,999,999'],
    [10_000_000, 0, '10 M'],
    [14_512_345, 0, '14.5 M'],
    [-0.04, 1, '0.0'],
    [null, 1, '–'],
    [Number.NaN, 1, '–'],
  ])('%s with %s decimals: %s', (value, decimals, text) => expect(decimal(value, decimals)).toBe(text));
});

it('the ledger shows every digit', () => expect(everyDigit(184_204_117)).toBe('184,204,117'));

describe('rate', () => {
  it.each([
    [0, '0'],
    [0.004, 'under 0.01'],
    [0.05, '0.05'],
    [0.2, '0.2'],
    [9.94, '9.9'],
    [9.95, '10'],
    [4812.4, '4,812'],
    [null, '–'],
  ])('%s: %s', (value, text) => expect(rate(value)).toBe(text));
});

describe('percent', () => {
  it.each([
    [0.000213, '0.02 %'],
    [0.986, '98.6 %'],
    [1, '100 %'],
    [0, '0 %'],
    [0.00001, 'under 0.01 %'],
    [null, '–'],
  ])('%s: %s', (share, text) => expect(percent(share)).toBe(text));
});

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [1024, '1 KiB'],
    [1.1 * 2 ** 30, '1.1 GiB'],
  ])('%s: %s', (value, text) => expect(bytes(value)).toBe(text));

  it.each([
    [1.1 * 2 ** 30, 4 * 2 ** 30, '1.1 of 4 GiB'],
    [0, 4 * 2 ** 30, '0 of 4 GiB'],
    [2 ** 20, 4 * 2 ** 30, '1 MiB of 4 GiB'],
    [10, 0, '10 B of 0 B'],
  ])('%s of %s: %s', (used, limit, text) => expect(bytesOf(used, limit)).toBe(text));
});

describe('decimalsOf', () => {
  it.each([
    [146, 0],
    [91.6, 1],
    [0.07, 2],
    [2.125, 3],
    [2.71234, 3],
    [-12.5, 1],
  ])('%s has %s', (value, decimals) => expect(decimalsOf(value)).toBe(decimals));

  it('finds those a number was written with', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.integer({ min: 0, max: 3 }),
        (digits, decimals) => {
          const value = digits / 10 ** decimals;
          expect(Number(value.toFixed(decimalsOf(value)))).toBe(value);
        },
      ),
    );
  });
});

it('a resolution looks at the last 100 values', () => {
  expect(resolution([1, null, 2.5, 3])).toBe(1);
  expect(resolution([0.125, ...Array.from({ length: 100 }, () => 1)])).toBe(0);
  expect(resolution([])).toBe(0);
});
