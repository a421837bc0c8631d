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
      const mistakes: string[] = [];
      for (const { kind, key: used } of uses) {
        if (kind === 'set') map.set(used, used);
        else if (map.get(used) === undefined) {
          if (recent.slice(-4).includes(used)) mistakes.push(`${used} was forgotten`);
          continue;
        }
        recent = [...recent.filter((other) => other !== used), used];
        const { young, old } = map.entries();
        if (young.length > 4 || old.length > 4) mistakes.push(`${young.length} + ${old.length} entries`);
      }
      expect(mistakes).toEqual([]);
    }),
  );
});
