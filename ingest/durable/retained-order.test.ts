import { expect, it } from 'vitest';
import { RetainedOrder } from './retained-order.ts';

it('the last in the log wins, whenever it is heard of', () => {
  const order = new RetainedOrder();
  expect(order.isLatest('a', 5)).toBe(true);
  expect(order.isLatest('a', 4)).toBe(false);
  expect(order.isLatest('b', 4)).toBe(true);
  expect(order.isLatest('a', 5)).toBe(true);
  expect(order.isLatest('a', 6)).toBe(true);
});

it('remembers so many topics, the latest', () => {
  const order = new RetainedOrder();
  for (let i = 0; i < 20_001; i++) order.isLatest(`t/${i}`, 10);
  expect(order.isLatest('t/0', 1)).toBe(true);
  expect(order.isLatest('t/20000', 1)).toBe(false);
});
