import { expect, it } from 'vitest';
import { payloadFormat } from './payload-format.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

it.each([
  ['{"t": 1}', true, 'json'],
  ['{"t": 1', true, null],
  ['{"t": "long', false, 'json'],
  [' 21.5\n', true, 'value'],
  ['true', true, 'value'],
  ['open', true, 'value'],
  ['[1, 2]', true, null],
  ['[{"t": 1}]', true, 'json'],
  ['[{"t": 1}, {', false, 'json'],
  ['[{"n": "urn:dev:1", "u": "Cel", "v": 23.1}]', true, 'senml-json'],
  ['[{"bn": "urn:dev:1:", "bt": 1', false, 'senml-json'],
  ['[{"n": 5}]', true, 'json'],
  ['cpu,host=web1 usage=5i 1782900000', true, 'line-protocol'],
  ['a, b', true, 'value'],
  ['', true, null],
  ['long text', false, null],
] as const)('%j, complete: %j, is %j', (text, complete, format) => {
  expect(payloadFormat(bytes(text), complete)).toBe(format);
});

it('knows binary payloads for what they are', () => {
  expect(payloadFormat(new Uint8Array([0x08, 0xff, 0x80]), true)).toBeNull();
  expect(payloadFormat(bytes('a\u0001b'), true)).toBeNull();
});

it('does not mind a character cut in two', () => {
  const cut = bytes('{"unit": "°').slice(0, -1);
  expect(payloadFormat(cut, false)).toBe('json');
});
