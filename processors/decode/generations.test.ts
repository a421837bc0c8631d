import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Generations } from './generations.ts';

it('holds the last used, and never more than two generations', () => {
  const key = fc.nat(12).map(String);
  const use = fc.record({ kind: fc.constantFrom('set' as const, 'get' as const), key });
  fc.assert(
    fc.property(fc.array(use, { maxLength: 80 }), (uses) => {
      const map = new Generations<string>(4);
      /** The keys that were found or set, the latest last. */
      let recent: string[] = [];
      for (const { kind, key: used } of uses) {
        if (kind === 'set') map.set(used, used);
        else {
          const found = map.get(used) !== undefined;
          expect(found || !recent.slice(-4).includes(used)).toBe(true);
          if (!found) continue;
        }
        recent = [...recent.filter((other) => other !== used), used];
        const { young, old } = map.entries();
        expect(young.length).toBeLessThanOrEqual(4);
        expect(old.length).toBeLessThanOrEqual(4);
      }
    }),
  );
});
