import { expect, it } from 'vitest';
import { decimalsBeside } from './beside-limit.ts';

it.each<[number, number, number]>([
  [94.1, 85, 1],
  [30, 30, 0],
  [30.00004, 30, 5],
  [29.99996, 30, 5],
  [85.1234567, 80, 3],
])('%d beside %d has %i decimals', (value, limit, decimals) => expect(decimalsBeside(value, limit)).toBe(decimals));
