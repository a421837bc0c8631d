import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnWriter } from '../snapshot/column-writer.ts';
import { RecentHashes, recentHashesMax } from './recent-hashes.ts';

function columnsOf(hashes: RecentHashes) {
  const columns = new ColumnWriter();
  hashes.write(columns);
  return columns.columns();
}

const copyOf = (hashes: RecentHashes) => RecentHashes.read(new ColumnReader(columnsOf(hashes)));

it.each([1, 8, 9, 255, 256, 257, 1000])('after %i it holds the last 256, and so does its copy', (count) => {
  const hashes = new RecentHashes();
  for (let i = 1; i <= count; i++) hashes.add(i, i * 3);
  for (const ring of [hashes, copyOf(hashes)]) {
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
      const copy = copyOf(original);
      for (const [a, b] of after) {
        expect(copy.has(a, b)).toBe(original.has(a, b));
        original.add(a, b);
        copy.add(a, b);
      }
      expect(columnsOf(copy)).toEqual(columnsOf(original));
    }),
    { numRuns: 30 },
  );
});
