import { count } from './numbers.ts';

const segmenter = new Intl.Segmenter();
const rules = new Intl.PluralRules('en');

/** "1 device", "7 devices", "no devices". */
export function plural(amount: number, one: string, many = `${one}s`): string {
  if (amount === 0) return `no ${many}`;
  return `${count(amount)} ${rules.select(amount) === 'one' ? one : many}`;
}

/** Like `plural`, with a 0 where the number is compared: "0 connections". */
export function pluralCount(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${rules.select(amount) === 'one' ? one : many}`;
}

/** A long name cut in the middle, its ends kept: "press-lin…-0042". */
export function cutMiddle(name: string, max: number): string {
  if (name.length <= max) return name;
  const letters = Array.from(segmenter.segment(name), ({ segment }) => segment);
  if (letters.length <= max) return name;
  const head = Math.ceil((max - 1) * 0.6);
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (max - 1 - head)).join('')}`;
}

/** "a", "a and b", "a, b and c" */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
