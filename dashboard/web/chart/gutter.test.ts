import fc from 'fast-check';
import { expect, it } from 'vitest';
import { freeSlot } from './gutter.ts';

it('labels never stand nearer than 13 px, and move no further than they must', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 8 }), (wanted) => {
      const used: number[] = [];
      for (const y of wanted) used.push(freeSlot(y, used, 13));
      const sorted = used.toSorted((a, b) => a - b);
      expect(sorted.every((y, i) => i === 0 || y - sorted[i - 1]! >= 13)).toBe(true);
      expect(used.slice(0, 1)).toEqual(wanted.slice(0, 1));
    }),
  );
});
