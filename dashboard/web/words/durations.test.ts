import { describe, expect, it } from 'vitest';
import { age, duration, lasted } from './durations.ts';

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '0.4 ms'],
    [38, '38 ms'],
    [999, '999 ms'],
    [1000, '1 s'],
    [1500, '1.5 s'],
    [59_900, '60 s'],
    [60_000, '1 min'],
    [192_000, '3 min 12 s'],
    [185_000, '3 min 05 s'],
    [3_600_000, '1 h'],
    [8_040_000, '2 h 14 min'],
    [3_840_000, '1 h 04 min'],
    [442_800_000, '5 d 3 h'],
    [604_800_000, '7 d'],
    [null, '–'],
  ])('%s ms: %s', (ms, text) => expect(duration(ms)).toBe(text));
});

describe('age', () => {
  it.each([
    [-300, '0.0 s'],
    [0, '0.0 s'],
    [240, '0.2 s'],
    [9_949, '9.9 s'],
    [10_000, '10 s'],
    [58_400, '58 s'],
    [180_000, '3 min 00 s'],
    [null, '–'],
  ])('%s ms: %s', (ms, text) => expect(age(ms)).toBe(text));
});

it.each([
  [0, 'under 1 s'],
  [999, 'under 1 s'],
  [1_900, '1 s'],
  [192_400, '3 min 12 s'],
])('%s ms lasted %s', (ms, text) => expect(lasted(ms)).toBe(text));
