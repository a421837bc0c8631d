import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Conflation, livePairsMax } from './conflation.ts';

const said = (key: string, timeUs: number, fields: Record<string, number>) => ({ key, timeUs, fields });

it('keeps the latest value by event time, and times apart', () => {
  const conflation = new Conflation();
  conflation.add(said('a', 10, { t: 1, h: 5 }));
  conflation.add(said('a', 20, { t: 2 }));
  conflation.add(said('a', 15, { t: 9 }));
  conflation.add(said('b', 12, { t: 3 }));
  expect(conflation.take()).toEqual([
    { key: 'a', time: 10, fields: { h: 5 } },
    { key: 'a', time: 20, fields: { t: 2 } },
    { key: 'b', time: 12, fields: { t: 3 } },
  ]);
  expect(conflation.empty).toBe(true);
  expect(conflation.take()).toEqual([]);
});

it('equals a naive oracle', () => {
  const reading = fc.record({
    key: fc.constantFrom('a', 'b'),
    timeUs: fc.nat(5),
    fields: fc.dictionary(fc.constantFrom('t', 'h'), fc.nat(9), { minKeys: 1, noNullPrototype: true }),
  });
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 20 }), (readings) => {
      const conflation = new Conflation();
      for (const item of readings) conflation.add(item);
      const got = conflation
        .take()
        .flatMap(({ key, time, fields }) =>
          Object.entries(fields).map(([field, value]) => ({ key, field, time, value })),
        );
      const expected = ['a', 'b'].flatMap((key) =>
        ['t', 'h'].flatMap((field) => {
          const mine = readings.filter((item) => item.key === key && field in item.fields);
          const latest = Math.max(...mine.map((item) => item.timeUs));
          const last = mine.findLast((item) => item.timeUs === latest);
          return last === undefined ? [] : [{ key, field, time: last.timeUs, value: last.fields[field] }];
        }),
      );
      expect(new Set(got.map((item) => JSON.stringify(item)))).toEqual(
        new Set(expected.map((item) => JSON.stringify(item))),
      );
      expect(got).toHaveLength(expected.length);
    }),
  );
});

it('is full at its bound', () => {
  const conflation = new Conflation();
  for (let i = 0; i < livePairsMax; i++) conflation.add(said(`d${i}`, 1, { t: 1 }));
  expect(conflation.full).toBe(true);
  conflation.take();
  expect(conflation.full).toBe(false);
});
