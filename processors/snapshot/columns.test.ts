import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stored } from '../test-log.ts';
import { ColumnReader } from './column-reader.ts';
import { ColumnWriter } from './column-writer.ts';
import type { Columns } from './columns.ts';
import { NameTable } from './names.ts';

const kinds = {
  whole: fc.integer({ min: 0, max: 2 ** 31 }),
  real: fc.double(),
  number: fc.oneof(fc.double(), fc.integer(), fc.maxSafeNat(), fc.constantFrom(0, -0, 2 ** 31 - 1, 2 ** 31)),
  flag: fc.boolean(),
  text: fc.string(),
  fieldName: fc.string(),
  key: fc.string(),
  source: fc.record(
    {
      key: fc.string(),
      device: fc.string(),
      tags: fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { noNullPrototype: true }),
    },
    { noNullPrototype: true },
  ),
  fieldValue: fc.oneof(fc.double(), fc.string(), fc.boolean()),
  bytes: fc.uint8Array({ maxLength: 3000 }),
  hex: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  value: fc.constantFrom(null, 7, 'text', [1, [2]]),
};
type Kind = keyof typeof kinds;

const cells = fc.array(
  fc.oneof(
    ...Object.entries(kinds).map(([kind, value]) =>
      fc.tuple(fc.constant(kind as Kind), value as fc.Arbitrary<unknown>),
    ),
  ),
);

it('gives back all that was written, in its order', () => {
  fc.assert(
    fc.property(cells, (written) => {
      const writer = new ColumnWriter();
      for (const [kind, value] of written) writer[kind](value as never);
      const reader = new ColumnReader(stored(writer.columns()) as Columns);
      const read = written.map(([kind]) => [kind, reader[kind]()]);
      expect(read.map(([kind, value]) => [kind, value instanceof Uint8Array ? [...value] : value])).toEqual(
        written.map(([kind, value]) => [kind, value instanceof Uint8Array ? [...value] : value]),
      );
      expect(reader.isAtEnd).toBe(true);
    }),
  );
});

it('writes names once, equal tags in whatever objects; tags in another order are others', () => {
  const names = new NameTable();
  const writers = [new ColumnWriter(names), new ColumnWriter(names)];
  for (const writer of writers) {
    writer.text('press-7');
    for (const tags of [
      { site: 'a', line: '1' },
      { site: 'a', line: '1' },
      { line: '1', site: 'a' },
    ])
      writer.source({ key: 'a/press-7', device: 'press-7', tags });
  }
  expect(names.names.texts).toEqual(['press-7', 'a/press-7']);
  expect(names.names.tags.map((tags) => Object.keys(tags))).toEqual([
    ['site', 'line'],
    ['line', 'site'],
  ]);
  const readers = writers.map((writer) => new ColumnReader(writer.columns()));
  expect(readers.map((reader) => reader.text())).toEqual(['press-7', 'press-7']);
  expect(readers[0]!.source().tags).toBe(readers[1]!.source().tags);
});
