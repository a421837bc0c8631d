import { expect, it } from 'vitest';
import { emptyLedger } from '../../events/ledger.ts';
import { LedgerBook } from './ledger-book.ts';

it('counts in total and by device', () => {
  const book = new LedgerBook(10);
  book.count('received', 'a');
  book.count('stored', 'a');
  book.count('received', 'b', 3);
  book.count('quarantined', null, 2);
  expect(book.total).toEqual({ ...emptyLedger, received: 4, stored: 1, quarantined: 2 });
  expect(book.device('a')).toEqual({ ...emptyLedger, received: 1, stored: 1 });
  expect(book.device('c')).toBeNull();
});

it('has pages for a bounded number of devices; the total misses none', () => {
  const book = new LedgerBook(2);
  for (const key of ['a', 'b', 'c', 'a']) book.count('received', key);
  expect(book.device('a')).toMatchObject({ received: 2 });
  expect(book.device('c')).toBeNull();
  expect(book.total.received).toBe(4);
});

it('goes on where a snapshot was taken', () => {
  const book = new LedgerBook(10);
  for (const entry of ['received', 'stored', 'duplicate', 'inFlight'] as const) book.count(entry, 'a', 7);
  const again = new LedgerBook(10, book.snapshot());
  again.count('received', 'a');
  expect(again.total).toEqual({ ...book.total, received: 8 });
  expect(again.device('a')).toEqual({ ...book.device('a'), received: 8 });
});

it('a forgotten device loses its own ledger when nothing of it is in flight, the total keeps its counts', () => {
  const book = new LedgerBook(10);
  book.count('received', 'a', 2);
  book.count('inFlight', 'a', 1);
  book.count('stored', 'a', 1);
  book.forget('a');
  expect(book.device('a')).not.toBeNull();
  book.count('inFlight', 'a', -1);
  expect(book.device('a')).toBeNull();
  expect(book.total).toMatchObject({ received: 2, stored: 1, inFlight: 0 });
});

it('a forgotten device that comes back before all is answered goes on', () => {
  const book = new LedgerBook(10);
  book.count('inFlight', 'a', 1);
  book.forget('a');
  book.count('received', 'a');
  book.count('inFlight', 'a', -1);
  expect(book.device('a')).toMatchObject({ received: 1, inFlight: 0 });
});
