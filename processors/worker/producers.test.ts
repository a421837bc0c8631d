import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Producers, producersMax } from './producers.ts';

it('tells the next from repeats and gaps, per producer', () => {
  const producers = new Producers();
  expect(producers.judge('a', 1)).toEqual({ kind: 'next' });
  expect(producers.judge('a', 2)).toEqual({ kind: 'next' });
  expect(producers.judge('a', 2)).toEqual({ kind: 'repeat' });
  expect(producers.judge('a', 1)).toEqual({ kind: 'repeat' });
  expect(producers.judge('b', 7)).toEqual({ kind: 'next' });
  expect(producers.judge('a', 5)).toEqual({ kind: 'gap', missing: 2 });
  expect(producers.judge('a', 6)).toEqual({ kind: 'next' });
});

it('lets each batch through once however often it is repeated, also across a restart', () => {
  const repeats = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 40 });
  fc.assert(
    fc.property(repeats, fc.nat(40), (times, restartAt) => {
      let producers = new Producers();
      const through: number[] = [];
      times.forEach((count, at) => {
        if (at === restartAt) producers = new Producers(producers.snapshot());
        for (let i = 0; i < count; i++) if (producers.judge('p', at + 1).kind === 'next') through.push(at + 1);
      });
      expect(through).toEqual(times.map((_, at) => at + 1));
    }),
  );
});

it('remembers the last producers heard, and no more', () => {
  const producers = new Producers();
  producers.judge('old', 1);
  for (let i = 1; i < producersMax; i++) producers.judge(`p${i}`, 1);
  expect(producers.judge('old', 1)).toEqual({ kind: 'repeat' });
  producers.judge('old', 2);
  producers.judge('one more', 1);
  expect(producers.snapshot()).toHaveLength(producersMax);
  expect(producers.judge('old', 2)).toEqual({ kind: 'repeat' });
  expect(producers.judge('p1', 1)).toEqual({ kind: 'next' });
});
