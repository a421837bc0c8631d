import { expect, it } from 'vitest';
import { statePartsOf } from './state-parts.ts';

const text = (timesUs: number[], texts: (string | null)[]) => ({
  kind: 'text' as const,
  timesUs,
  values: [],
  texts,
  upToUs: timesUs.at(-1) ?? null,
});

it('equal texts are one stretch, numbered by first sight', () => {
  expect(statePartsOf(text([0, 1e6, 2e6, 3e6], ['a', 'a', 'b', 'a']), [], 5e6)).toEqual([
    { from: 0, to: 2, text: 'a', order: 0 },
    { from: 2, to: 3, text: 'b', order: 1 },
    { from: 3, to: 5, text: 'a', order: 0 },
  ]);
});

it('a gap ends a stretch', () => {
  expect(statePartsOf(text([0, 1e6, 4e6], ['a', null, 'a']), [], 5e6)).toMatchObject([
    { from: 0, to: 1 },
    { from: 4, to: 5 },
  ]);
});

it('live texts follow the history', () => {
  const live = [
    { timeUs: 1e6, text: 'x' },
    { timeUs: 3e6, text: 'b' },
  ];
  expect(statePartsOf(text([0, 2e6], ['a', 'a']), live, 4e6)).toMatchObject([
    { text: 'a', to: 3 },
    { text: 'b', to: 4 },
  ]);
});

it('booleans are 1 and 0', () => {
  const history = { kind: 'raw' as const, timesUs: [0, 1e6, 2e6], values: [1, 0, 0.5], texts: [], upToUs: 2e6 };
  expect(statePartsOf(history, [], 3e6).map((part) => part.text)).toEqual(['true', 'false', 'changing']);
});
