import { expect, it } from 'vitest';
import type { AuditEntry } from '../../events/audit.ts';
import { RefusalFold } from './refusal-fold.ts';

const refusal = (what: string, client: string): AuditEntry => ({
  atUs: 0,
  what,
  who: '',
  by: '',
  address: '10.0.0.1',
  client,
  topic: 't',
  reason: '',
  folded: 0,
});

it('the first of a client and reason is an entry, what follows within a minute becomes one', () => {
  const fold = new RefusalFold();
  expect(fold.note(refusal('a', 'x'), 0)).toMatchObject({ client: 'x', folded: 0 });
  for (let i = 0; i < 5; i++) expect(fold.note(refusal('a', 'x'), 1_000)).toBeNull();
  expect(fold.note(refusal('b', 'x'), 2_000)).not.toBeNull();
  expect(fold.due(59_999)).toEqual([]);
  expect(fold.due(60_000)).toMatchObject([{ what: 'a', folded: 4 }]);
  expect(fold.due(62_000)).toEqual([]);
  // Forgotten when it did not come again: the next is told at once.
  expect(fold.note(refusal('b', 'x'), 62_001)).not.toBeNull();
  expect(fold.note(refusal('a', 'x'), 62_001)).toBeNull();
  expect(fold.due(Number.POSITIVE_INFINITY)).toMatchObject([{ what: 'a', folded: 0 }]);
});

it('a flood of made-up clients is a bounded number of entries, and each refusal is counted', () => {
  const fold = new RefusalFold();
  const told: AuditEntry[] = [];
  const flood = 10_000;
  for (let i = 0; i < flood; i++) {
    const now = fold.note(refusal('a', `client-${i}`), i / 100);
    if (now !== null) told.push(now);
  }
  told.push(...fold.due(200_000));
  expect(told.length).toBeLessThan(210);
  expect(told.reduce((sum, { folded }) => sum + 1 + folded, 0)).toBe(flood);
});
