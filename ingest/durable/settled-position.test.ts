import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SettledPosition, type Held } from './settled-position.ts';

it('stays before what is on its way, until that is done', () => {
  const settled = new SettledPosition(10);
  const first = settled.begin();
  settled.stored(12);
  const second = settled.begin();
  settled.stored(14);
  expect([settled.position, settled.latest]).toEqual([10, 14]);
  settled.end(second);
  expect(settled.position).toBe(10);
  settled.end(first);
  expect(settled.position).toBe(14);
});

it('is before the place in the log of everything that is not done', () => {
  const step = fc.record({ what: fc.constantFrom('come', 'store', 'end'), which: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const settled = new SettledPosition(0);
      let sequence = 0;
      const waiting: { held: Held; sequence: number | null }[] = [];
      for (const { what, which } of steps) {
        const one = waiting[which % Math.max(waiting.length, 1)];
        if (what === 'come') waiting.push({ held: settled.begin(), sequence: null });
        else if (one === undefined) continue;
        else if (what === 'store' && one.sequence === null) settled.stored((one.sequence = ++sequence));
        else if (what === 'end' && one.sequence !== null) {
          settled.end(one.held);
          waiting.splice(waiting.indexOf(one), 1);
        }
        for (const { sequence: at } of waiting) expect(settled.position).toBeLessThan(at ?? sequence + 1);
      }
    }),
  );
});
