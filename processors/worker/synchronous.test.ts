import { concatMap, delay, filter, map, of, throwError, type OperatorFunction } from 'rxjs';
import { expect, it } from 'vitest';
import { Synchronous } from './synchronous.ts';

it('gives what the operator made of each value', () => {
  const double = new Synchronous(map((value: number) => value * 2));
  expect([1, 2, 3].map((value) => double.push(value))).toEqual([2, 4, 6]);
});

const operators: readonly [string, OperatorFunction<number, number>][] = [
  ['nothing', filter(() => false)],
  ['twice', concatMap((value: number) => of(value, value))],
  ['later', delay(0)],
  ['an error', concatMap(() => throwError(() => new Error('odd')))],
];

it.each(operators)('refuses an operator that emits %s', (_, operator) => {
  expect(() => new Synchronous(operator).push(1)).toThrow(expect.objectContaining({ code: 'PROCESSOR_FAILED' }));
});
