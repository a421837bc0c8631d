import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AckOrder } from './ack-order.ts';

it('releases in order of arrival, each once, and as soon as all before it are settled', () => {
  const permutation = fc.integer({ min: 1, max: 600 }).chain((count) =>
    fc.shuffledSubarray(
      Array.from({ length: count }, (_, i) => i),
      { minLength: count },
    ),
  );
  fc.assert(
    fc.property(permutation, (order) => {
      const acks = new AckOrder();
      const released: number[] = [];
      const tickets = order.map((_, i) => acks.arrive(() => released.push(i)));
      const settled = new Set<number>();
      let expected = 0;
      for (const i of order) {
        acks.settle(tickets[i]!);
        settled.add(i);
        while (settled.has(expected)) expected++;
        expect(released).toHaveLength(expected);
      }
      expect(released).toEqual(order.map((_, i) => i));
    }),
  );
});

it('takes what arrives while one is released', () => {
  const acks = new AckOrder();
  const released: string[] = [];
  const first = acks.arrive(() => {
    released.push('first');
    acks.settle(acks.arrive(() => released.push('second')));
  });
  acks.settle(first);
  expect(released).toEqual(['first', 'second']);
});
