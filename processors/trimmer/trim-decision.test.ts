import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { purgeTarget, unreadBytes, wishedFirst } from './trim-decision.ts';

const extent = (firstSequence: number, messages: number, bytes: number) => ({
  firstSequence,
  lastSequence: firstSequence + messages - 1,
  messages,
  bytes,
});

describe('what is wished gone', () => {
  it.each([
    ['nothing below the bound', extent(1, 100, 1_000), { keepBytes: 1_001, keepFrom: 1 }, 1],
    ['nothing on the bound', extent(1, 100, 1_000), { keepBytes: 1_000, keepFrom: 1 }, 1],
    ['one message just above it', extent(1, 100, 1_000), { keepBytes: 999, keepFrom: 1 }, 2],
    ['half', extent(11, 100, 1_000), { keepBytes: 500, keepFrom: 1 }, 61],
    ['what is too old', extent(11, 100, 1_000), { keepBytes: 5_000, keepFrom: 40 }, 40],
    ['the greater of both', extent(11, 100, 1_000), { keepBytes: 500, keepFrom: 90 }, 90],
    ['nothing of an empty stream', extent(5, 0, 0), { keepBytes: 0, keepFrom: 1 }, 1],
  ])('%s', (_, of, wish, first) => {
    expect(wishedFirst(of, wish)).toBe(first);
  });
});

it.each([
  ['nothing', [110, 200], 0],
  ['what the slowest lacks', [60, 110], 500],
  ['all', [0], 1_000],
  ['nothing without readers', [], 0],
])('counts as unread: %s', (_, positions, bytes) => {
  expect(unreadBytes(extent(11, 100, 1_000), positions)).toBe(bytes);
});

describe('what is purged', () => {
  it.each([
    ['as wished', 50, [80, 90], 1, 100, 50],
    ['no further than the slowest has saved', 50, [20, 90], 1, 100, 20],
    ['nothing while one has saved nothing', 50, [0, 90], 1, 100, null],
    ['never the last message', 500, [500], 1, 100, 100],
    ['nothing that is gone already', 50, [90], 50, 100, null],
  ])('%s', (_, wished, positions, first, last, target) => {
    expect(purgeTarget(wished, positions, first, last)).toBe(target);
  });

  it('never passes a reader or the last message', () => {
    const nat = fc.nat(1_000);
    fc.assert(
      fc.property(nat, fc.array(nat), nat, nat, (wished, positions, first, messages) => {
        const target = purgeTarget(wished, positions, first, first + messages);
        if (target === null) return;
        expect(target).toBeLessThanOrEqual(first + messages);
        for (const position of positions) expect(target).toBeLessThanOrEqual(position);
      }),
    );
  });
});
