import { expect, it } from 'vitest';
import { bytesOfBase64, hexLines, textOf } from './payload.ts';

it('shows bytes as hex and text, a dot for what is not printable', () => {
  expect(hexLines(bytesOfBase64(btoa('{"t": 1}\n\u00ff')))).toEqual([
    { offset: '0000', hex: '7b 22 74 22 3a 20 31 7d 0a ff', text: '{"t": 1}..' },
  ]);
});

it('has 16 bytes a line', () => {
  expect(hexLines(new Uint8Array(33)).map(({ offset }) => offset)).toEqual(['0000', '0010', '0020']);
  expect(hexLines(new Uint8Array(0))).toEqual([]);
});

it.each([
  ['{"t":1}', '{\n  "t": 1\n}'],
  ['{"t":', '{"t":'],
  ['12', '12'],
  ['', ''],
  ['a\u0000b', null],
])('%j as text', (payload, text) => expect(textOf(new TextEncoder().encode(payload))).toBe(text));

it('what is no UTF-8 is no text', () => expect(textOf(Uint8Array.of(0x7b, 0xff))).toBe(null));
