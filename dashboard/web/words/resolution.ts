import { decimalsOf } from './numbers.ts';

/** Values a resolution is judged by. */
const valuesMax = 100;

/** Decimals of a field: the largest count among its last 100 values, at most 3. */
export function resolution(values: readonly (number | null)[]): number {
  let decimals = 0;
  let seen = 0;
  for (let i = values.length - 1; i >= 0 && seen < valuesMax && decimals < 3; i--) {
    const value = values[i]!;
    if (value === null) continue;
    seen++;
    decimals = Math.max(decimals, decimalsOf(value));
  }
  return decimals;
}
