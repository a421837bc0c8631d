import { decimalsOf } from './numbers.ts';

const decimalsMax = 12;

/** Decimals of a value that stands beside its limit: enough for it to be on the right side of it. */
export function decimalsBeside(value: number, limit: number): number {
  const side = Math.sign(value - limit);
  let decimals = decimalsOf(value);
  while (decimals < decimalsMax && Math.sign(Number(value.toFixed(decimals)) - limit) !== side) decimals++;
  return decimals;
}
