import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutLines } from './line-pieces.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const cut = (text: string, bytesMax: number, linesMax = 1_000) => {
  const found = cutLines(bytes(text), { bytesMax, linesMax });
  return { ...found, pieces: found.pieces.map((piece) => Buffer.from(piece).toString()) };
};

describe('line protocol is cut at line ends', () => {
  it.each([
    ['one line', 'm f=1', 100, 9, ['m f=1']],
    ['up to the limit', 'm f=1\nm f=2\n', 12, 9, ['m f=1\nm f=2\n']],
    ['one byte over it', 'm f=1\nm f=2\n', 11, 9, ['m f=1\n', 'm f=2\n']],
    ['by lines', 'm f=1\nm f=2\nm f=3', 100, 2, ['m f=1\nm f=2\n', 'm f=3']],
    ['CRLF, comments and empty lines stay', '# c\r\n\r\nm f=1\r\n', 100, 9, ['# c\r\n\r\nm f=1\r\n']],
    ['not within quotes', 'm f="a\nb"\nm f=2', 10, 9, ['m f="a\nb"\n', 'm f=2']],
    ['an escaped quote ends none', 'm f="a\\"\nb"\nm f=2', 12, 9, ['m f="a\\"\nb"\n', 'm f=2']],
    ['a quote before the fields is none', 'm,t=" f=1\nm f=2', 10, 9, ['m,t=" f=1\n', 'm f=2']],
    ['an escaped space begins no fields', 'm\\ x,t=" f=1\nm f=2', 13, 9, ['m\\ x,t=" f=1\n', 'm f=2']],
    ['a quote in a name of a field is none', 'm f=1,"x=2\nm f=2', 11, 9, ['m f=1,"x=2\n', 'm f=2']],
    ['nothing', '', 10, 9, []],
  ])('%s', (_, text, bytesMax, linesMax, pieces) => expect(cut(text, bytesMax, linesMax).pieces).toEqual(pieces));

  it('a line longer than a piece is told by its number', () => {
    expect(cut('m f=1\nm f=12345\n', 9)).toMatchObject({ pieces: [], tooLong: { line: 2, bytes: 10 } });
    expect(cut('m f=1\nm f=1234\n', 9).tooLong).toBeNull();
  });

  it.each([
    ['m f=1\nm,t=a f=1i,g="x" 1', 2, null],
    ['# only a comment\n\n', 0, null],
    ['{"json": 1}\nmore', 0, '{"json": 1}'],
    ['no-fields\nm f=1', 1, 'no-fields'],
    ['a=1', 0, 'a=1'],
  ])('%j: lines that may be points, and the first other', (text, candidates, firstOther) =>
    expect(cut(text, 1_000)).toMatchObject({ candidates, firstOther }),
  );

  it('whatever comes: the pieces are the body, each within the limits', () => {
    const symbols = fc.string({ unit: fc.constantFrom('m', ' ', '=', ',', '"', '\\', '\n', '\r', '#', 'é') });
    fc.assert(
      fc.property(
        symbols,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 4 }),
        (text, bytesMax, linesMax) => {
          const body = bytes(text);
          const { pieces, tooLong } = cutLines(body, { bytesMax, linesMax });
          if (tooLong !== null) return tooLong.bytes > bytesMax;
          expect(Buffer.concat(pieces).equals(body)).toBe(true);
          for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(bytesMax);
          for (const piece of pieces.slice(0, -1)) expect(piece.at(-1)).toBe(10);
          return true;
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
