import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from './assignment.ts';

const partitions = (count: number) => Array.from({ length: count }, (_, partition) => `partition.${partition}`);
const loads = (wanted: ReadonlyMap<string, string>, members: readonly string[]) =>
  members.map((member) => [...wanted.values()].filter((one) => one === member).length);
const moved = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) =>
  [...after].filter(([name, member]) => before.get(name) !== member).length;

describe('assignment', () => {
  it.each<[what: string, holders: Record<string, string>, members: string[], loads: number[], moved: number]>([
    ['one takes all', {}, ['a'], [4], 4],
    ['a second one gets half', { 0: 'a', 1: 'a', 2: 'a', 3: 'a' }, ['a', 'b'], [2, 2], 2],
    ['a third one gets one', { 0: 'a', 1: 'a', 2: 'b', 3: 'b' }, ['a', 'b', 'c'], [2, 1, 1], 1],
    ['one that is gone leaves its own only', { 0: 'a', 1: 'a', 2: 'b', 3: 'c' }, ['a', 'b'], [2, 2], 1],
    ['a fifth one finds nothing', { 0: 'a', 1: 'b', 2: 'c', 3: 'd' }, ['a', 'b', 'c', 'd', 'e'], [1, 1, 1, 1, 0], 0],
  ])('%s', (_what, given, members, expected, moves) => {
    const holders = new Map(Object.entries(given).map(([partition, member]) => [`partition.${partition}`, member]));
    const wanted = assign(partitions(4), members, holders);
    expect(loads(wanted, members).toSorted((a, b) => b - a)).toEqual(expected);
    expect(moved(holders, wanted)).toBe(moves);
  });

  it('nobody: nothing', () => expect(assign(partitions(4), [], new Map()).size).toBe(0));

  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 16 });
  const situation = fc.record({
    count: fc.integer({ min: 0, max: 64 }),
    members: ids,
    // Indices into the members; those beyond them stand for members that are gone.
    held: fc.array(fc.option(fc.integer({ min: 0, max: 20 })), { maxLength: 64 }),
  });

  it('everything has one holder, nobody has two more than another, and no more moves than have to', () => {
    fc.assert(
      fc.property(situation, ({ count, members, held }) => {
        const names = partitions(count);
        const holders = new Map<string, string>();
        for (const [at, index] of held.slice(0, count).entries())
          if (index !== null) holders.set(names[at]!, members[index] ?? `gone-${index}`);
        const wanted = assign(names, members, holders);
        expect([...wanted.keys()].toSorted()).toEqual(names.toSorted());
        const after = loads(wanted, members);
        expect(Math.max(...after) - Math.min(...after)).toBeLessThanOrEqual(1);
        // The most that can stay: each member keeps up to its share, those who hold most one more.
        const before = loads(holders, members).toSorted((a, b) => b - a);
        const share = Math.floor(count / members.length);
        const stay = before.reduce(
          (sum, load, place) => sum + Math.min(load, share + (place < count % members.length ? 1 : 0)),
          0,
        );
        expect(moved(holders, wanted)).toBe(count - stay);
      }),
    );
  });

  it('is stable, and does not depend on the order of what it is told', () => {
    fc.assert(
      fc.property(situation, ({ count, members }) => {
        const wanted = assign(partitions(count), members, new Map());
        expect(assign(partitions(count).toReversed(), members.toReversed(), new Map())).toEqual(wanted);
        expect(assign(partitions(count), members, wanted)).toEqual(wanted);
      }),
    );
  });
});
