import type { QuarantineFilter, QuarantineItem } from '../../../events/api-intake.ts';
import { quarantineReasons, type Quarantined } from '../../../events/quarantine.ts';
import type { QuarantinedBy } from '../../../events/record.ts';
import { streams } from '../../../events/subjects.ts';
import type { Bus } from '../../../infra/bus/connection.ts';
import { readRange } from '../../../infra/bus/read-range.ts';
import { messageAt, type StreamMessage } from '../../../infra/bus/stream-message.ts';
import { streamInfo } from '../../../infra/bus/streams.ts';
import { itemsOf } from '../stream-follower.ts';
import { isMeant } from './quarantine-filter.ts';
import type { RedrivenBook } from './redriven-book.ts';

/** Messages of QUARANTINE that one request looks through at most, each of up to some hundred items. */
export const scanMessagesMax = 5_000;
/** Messages of the first read, which is all that is needed where nearly every item is meant. */
const firstChunk = 64;

const outcomePrefix = 'quarantine.redriven.';

/** Who set aside what is on a subject of QUARANTINE; null where that tells of outcomes. */
export function quarantinedBy(subject: string): QuarantinedBy | null {
  if (subject.startsWith(outcomePrefix)) return null;
  return subject.startsWith('quarantine.storage.') ? 'storage' : 'worker';
}

interface Place {
  readonly sequence: number;
  readonly index: number;
}

/** Null when it is no id. */
export function placeOf(id: string): Place | null {
  const found = /^(\d{1,15})\.(\d{1,9})$/.exec(id);
  return found === null ? null : { sequence: Number(found[1]), index: Number(found[2]) };
}

export interface Found {
  readonly items: readonly QuarantineItem[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

/** Looks through QUARANTINE itself, a bounded piece at a time. */
export class QuarantineScan {
  readonly #bus: Bus;
  readonly #redriven: RedrivenBook;

  constructor(bus: Bus, redriven: RedrivenBook) {
    this.#bus = bus;
    this.#redriven = redriven;
  }

  /** Null when the stream does not hold it. */
  async get(id: string): Promise<QuarantineItem | null> {
    const place = placeOf(id);
    if (place === null || place.sequence === 0) return null;
    const message = await messageAt(this.#bus, streams.quarantine, place.sequence);
    return message === null ? null : (this.#itemsIn(message)[place.index] ?? null);
  }

  /** Newest first, those before `after`. */
  async older(filter: QuarantineFilter, limit: number, after: string | null): Promise<Found> {
    const { firstSequence, lastSequence } = await streamInfo(this.#bus, streams.quarantine);
    const cursor = after === null ? null : placeOf(after);
    // What is left of the cursor's own message is read with it.
    let until = Math.min(cursor?.sequence ?? lastSequence, lastSequence) + 1;
    let left = scanMessagesMax;
    let chunk = firstChunk;
    const items: QuarantineItem[] = [];
    while (until > firstSequence && left > 0) {
      const from = Math.max(firstSequence, until - Math.min(chunk, left));
      const messages = await this.#read(from, until);
      for (const message of messages.toReversed())
        for (const item of this.#itemsIn(message).toReversed()) {
          if (cursor !== null && !isBefore(placeOf(item.id)!, cursor)) continue;
          if (!isMeant(filter, item)) continue;
          items.push(item);
          if (items.length === limit) return { items, next: item.id };
        }
      left -= until - from;
      chunk *= 4;
      until = from;
    }
    return { items, next: until > firstSequence ? `${until}.0` : null };
  }

  /** Oldest first, those after `after` up to message `until`, and how many of them were passed over. */
  async newer(
    filter: QuarantineFilter,
    limit: number,
    after: string | null,
    until: number,
  ): Promise<Found & { readonly skipped: number }> {
    const { firstSequence } = await streamInfo(this.#bus, streams.quarantine);
    const cursor = after === null ? null : placeOf(after);
    const from = Math.max(firstSequence, cursor?.sequence ?? 0);
    const end = Math.min(from + scanMessagesMax, until + 1);
    const items: QuarantineItem[] = [];
    let skipped = 0;
    for (const message of await this.#read(from, end))
      for (const item of this.#itemsIn(message)) {
        if (cursor !== null && !isBefore(cursor, placeOf(item.id)!)) continue;
        if (!isMeant({ ...filter, open: false }, item)) continue;
        if (item.outcome !== null) {
          skipped++;
          continue;
        }
        items.push(item);
        if (items.length === limit) return { items, skipped, next: item.id };
      }
    return { items, skipped, next: end <= until ? `${end - 1}.999999999` : null };
  }

  async #read(from: number, until: number): Promise<StreamMessage[]> {
    const messages: StreamMessage[] = [];
    const signal = AbortSignal.timeout(readWithinMs);
    const options = { stream: streams.quarantine, subject: 'quarantine.>', from, until, signal, onGap: () => {} };
    for await (const message of readRange(this.#bus, options)) messages.push(message);
    return messages;
  }

  #itemsIn(message: StreamMessage): QuarantineItem[] {
    const by = quarantinedBy(message.subject);
    if (by === null) return [];
    return (itemsOf(message) as readonly Quarantined[]).map((item, index) => ({
      ...item,
      id: `${message.sequence}.${index}`,
      sentence: quarantineReasons[item.reason],
      by,
      outcome: this.#redriven.of(item, by),
    }));
  }
}

const readWithinMs = 10_000;

function isBefore(a: Place, b: Place): boolean {
  return a.sequence < b.sequence || (a.sequence === b.sequence && a.index < b.index);
}
