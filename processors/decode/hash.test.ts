import { expect, it } from 'vitest';
import { finish, hashBytes, hashText, mixInteger } from './hash.ts';

it.each([
  ['', 0, 0],
  ['', 1, 0x514e28b7],
  ['', 0xffffffff, 0x81f16f39],
  ['test', 0, 0xba6bd213],
  ['test', 0x9747b28c, 0x704b81dc],
  ['Hello, world!', 0, 0xc0363e43],
  ['Hello, world!', 0x9747b28c, 0x24884cba],
  ['aaaa', 0x9747b28c, 0x5a97808a],
  ['aaa', 0x9747b28c, 0x283e0130],
  ['aa', 0x9747b28c, 0x5d211726],
  ['a', 0x9747b28c, 0x7fa09ea6],
])('is MurmurHash3, the published vectors: %j', (text, seed, expected) => expect(hashText(text, seed)).toBe(expected));

it('reads high bytes as unsigned', () => {
  expect(hashBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff), 0)).toBe(0x76293b50);
});

it('tells integers apart beyond 32 bit', () => {
  const of = (value: number) => finish(mixInteger(0, value));
  expect(of(2 ** 40)).not.toBe(of(2 ** 41));
  expect(of(2 ** 40 + 1)).not.toBe(of(2 ** 40));
});
