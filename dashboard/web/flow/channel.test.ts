import { expect, it } from 'vitest';
import { channelWidth } from './channel.ts';

it.each([
  [null, 0],
  [0, 0],
  [0.1, 1.8],
  [1, 3.6],
  [4812, 27.7],
  [9_999, 30],
  [1_000_000, 44.3],
])('%s/s is %s px wide', (perS, width) => expect(channelWidth(perS)).toBeCloseTo(width, 1));
