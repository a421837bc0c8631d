import { describe, expect, it } from 'vitest';
import { gapsOf } from './gaps.ts';

describe('gapsOf', () => {
  it.each([
    ['none', [1, 2, 3], [1, 1, 1], []],
    ['from the last reading to the next', [1, 2, 3, 9], [1, 1, null, 1], [{ from: 2, to: 9 }]],
    ['several nulls are one', [1, 2, 3, 9], [1, null, null, 1], [{ from: 1, to: 9 }]],
    ['not before the first', [1, 2, 3], [null, 1, 1], []],
    ['not after the last', [1, 2, 3], [1, 1, null], []],
    [
      'two of them',
      [1, 2, 3, 4, 5],
      [1, null, 1, null, 1],
      [
        { from: 1, to: 3 },
        { from: 3, to: 5 },
      ],
    ],
  ])('%s', (_, times, values, expected) => expect(gapsOf(times, values)).toEqual(expected));
});
