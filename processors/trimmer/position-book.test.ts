import { describe, expect, it } from 'vitest';
import { streams, subjects } from '../../events/subjects.ts';
import { PositionBook, readersOf } from './position-book.ts';

const withoutFleet = (reader: string) => reader !== 'worker.fleet';

const at = (reader: string, position: number) => ({ reader, stream: '', subject: '', position });

describe('positions of readers in several processes', () => {
  it('one that nobody has reported yet holds the stream back', () => {
    const book = new PositionBook(withoutFleet, readersOf(2));
    book.take([at('worker.0', 10), at('storage.log.0', 8), at('worker.1', 12)]);
    expect(book.of(streams.log, null).toSorted((a, b) => a - b)).toEqual([0, 8, 10, 12]);
    expect(book.of(streams.log, subjects.log(0)).toSorted((a, b) => a - b)).toEqual([8, 10]);
    book.take([at('storage.log.1', 3)]);
    expect(Math.min(...book.of(streams.log, null))).toBe(3);
  });

  it('the last report counts, also of a holder that is gone', () => {
    const book = new PositionBook(withoutFleet, readersOf(1));
    book.take([at('worker.0', 10), at('storage.log.0', 20)]);
    book.take([at('worker.0', 15)]);
    expect(book.of(streams.log, null)).toEqual([15, 20]);
  });

  it("the fleet's worker reads every partition, webhooks every alert, and results of the fleet are read too", () => {
    const book = new PositionBook(() => true, readersOf(1));
    book.take([at('worker.0', 10), at('storage.log.0', 20), at('worker.fleet', 5), at('webhooks', 7)]);
    expect(book.of(streams.log, subjects.log(0))).toEqual([10, 20, 5]);
    expect(book.of(streams.alerts, subjects.alerts('fleet'))).toEqual([7]);
    expect(book.of(streams.windows, subjects.windows('fleet'))).toEqual([0]);
    expect(book.of(streams.quarantine, null)).toEqual([]);
  });
});
