import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines } from './deadlines.ts';

interface Item {
  readonly name: number;
  dueUs: number | null;
}

const s = 1_000_000;
const setUp = (elapsedUs = 0) => {
  const fired: number[] = [];
  const deadlines = new Deadlines<Item>((item) => item.dueUs, elapsedUs);
  const advance = (to: number) => {
    fired.length = 0;
    deadlines.advance(to, ({ name }) => fired.push(name));
    return [...fired];
  };
  return { deadlines, advance };
};

describe('an item', () => {
  it.each([
    ['just before', 5 * s - 1, []],
    ['exactly at it', 5 * s, [1]],
    ['within the second', 5.5 * s, [1]],
    ['long after', 500 * s, [1]],
  ])('%s', (_when, at, expected) => {
    const { deadlines, advance } = setUp();
    deadlines.watch({ name: 1, dueUs: 5 * s });
    expect(advance(at)).toEqual(expected);
  });

  it('fires once', () => {
    const { deadlines, advance } = setUp();
    const item = { name: 1, dueUs: s };
    deadlines.watch(item);
    deadlines.watch(item);
    expect(advance(2 * s)).toEqual([1]);
    expect(advance(3 * s)).toEqual([]);
  });

  it('whose deadline moved is asked again', () => {
    const { deadlines, advance } = setUp();
    const item: Item = { name: 1, dueUs: s };
    deadlines.watch(item);
    item.dueUs = 3.5 * s;
    expect(advance(3 * s)).toEqual([]);
    expect(advance(3.5 * s)).toEqual([1]);
  });

  it('that awaits nothing is forgotten, and can be watched again', () => {
    const { deadlines, advance } = setUp();
    const item: Item = { name: 1, dueUs: s };
    deadlines.watch(item);
    item.dueUs = null;
    expect(advance(2 * s)).toEqual([]);
    item.dueUs = 3 * s;
    deadlines.watch(item);
    expect(advance(3 * s)).toEqual([1]);
  });

  it('that is due already fires at the next advance', () => {
    const { deadlines, advance } = setUp(100 * s);
    deadlines.watch({ name: 1, dueUs: 7 * s });
    expect(advance(100 * s)).toEqual([1]);
  });
});

it('fires what a search through all would', () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('watch' as const), name: fc.nat(9), inUs: fc.nat(5 * s) }),
    fc.record({ kind: fc.constant('forget' as const), name: fc.nat(9) }),
    fc.record({ kind: fc.constant('advance' as const), byUs: fc.oneof(fc.nat(2 * s), fc.nat(90 * s)) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 100 }), (acts) => {
      const { deadlines, advance } = setUp();
      const items = Array.from({ length: 10 }, (_, name): Item => ({ name, dueUs: null }));
      const differences: unknown[] = [];
      // The deadline of something watched never moves earlier, not even when it awaited nothing in between.
      const latestUs = items.map(() => 0);
      let nowUs = 0;
      for (const step of acts) {
        if (step.kind === 'advance') {
          nowUs += step.byUs;
          const due = items.filter(({ dueUs }) => dueUs !== null && dueUs <= nowUs);
          const fired = new Set(advance(nowUs));
          if (fired.size !== due.length || due.some(({ name }) => !fired.has(name))) differences.push({ due, fired });
          for (const item of due) item.dueUs = null;
          continue;
        }
        const item = items[step.name]!;
        if (step.kind === 'forget') item.dueUs = null;
        else {
          item.dueUs = latestUs[step.name] = Math.max(latestUs[step.name]!, nowUs + step.inUs);
          deadlines.watch(item);
        }
      }
      expect(differences).toEqual([]);
    }),
  );
});
