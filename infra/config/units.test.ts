import fc from 'fast-check';
import { expect, it } from 'vitest';
import { durationText, parseDurationMs, parseSizeBytes, sizeText } from './units.ts';

it.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['30d', 2_592_000_000],
  ['0s', 0],
  ['5 min', null],
  ['-5s', null],
  ['5', null],
  ['5S', null],
  ['', null],
])('duration %s is %s ms', (text, ms) => expect(parseDurationMs(text)).toBe(ms));

it.each([
  ['1B', 1],
  ['256KiB', 262_144],
  ['1.5MiB', 1_572_864],
  ['4GiB', 4_294_967_296],
  ['2TiB', 2_199_023_255_552],
  ['4GB', null],
  ['4', null],
])('size %s is %s bytes', (text, bytes) => expect(parseSizeBytes(text)).toBe(bytes));

it('text of a duration or size reads back as the same number', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), (number) => {
      expect(parseDurationMs(durationText(number))).toBe(number);
      expect(parseSizeBytes(sizeText(number))).toBe(number);
    }),
  );
});
