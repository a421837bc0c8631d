import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentHashes, recentHashesMax } from './recent-hashes.ts';

it.each([1, 8, 9, 255, 256, 257, 1000])('after %i it holds the last 256, and so does its copy', (count) => {
  const hashes = new RecentHashes();
  for (let i = 1; i <= count; i++) hashes.add(i, i * 3);
  // Unpacked bytes lie anywhere in a larger buffer.
  const larger = new Uint8Array(hashes.toBytes().length + 3);
  larger.set(hashes.toBytes(), 3);
  for (const ring of [hashes, RecentHashes.fromBytes(larger.subarray(3))]) {
    for (let i = 1; i <= count; i++) expect(ring.has(i, i * 3)).toBe(i > count - recentHashesMax);
    expect(ring.has(count, count)).toBe(false);
  }
});

it('a copy goes on as the original does', () => {
  const pair = fc.tuple(fc.nat(40), fc.nat(2));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 600 }), fc.array(pair, { maxLength: 300 }), (before, after) => {
      const original = new RecentHashes();
      for (const [a, b] of before) original.add(a, b);
      const copy = RecentHashes.fromBytes(original.toBytes());
      for (const [a, b] of after) {
        expect(copy.has(a, b)).toBe(original.has(a, b));
        original.add(a, b);
        copy.add(a, b);
      }
      expect(copy.toBytes()).toEqual(original.toBytes());
    }),
    { numRuns: 30 },
  );
});
