import type { DisconnectRecord, LifeRecord, Origin, PassedRecord, PublishRecord } from '../../events/record.ts';
import type { Arrival } from '../step.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';

/** Connections remembered that brought what is passed on; of more the oldest are forgotten: their end is not told. */
export const carriersMax = 10_000;
/** The sensor's own bytes travel along when they are no more than these; they are in the log of their partition. */
export const payloadBytesMax = 128 * 1024;

/** What a step has for another partition. */
export interface PassedOn {
  readonly partition: number;
  readonly record: PassedRecord;
}

/** What a partition knows of what it passes on, and of what was passed on to it. */
export class Passing {
  /** By partition, where the last stood that came from there. */
  readonly #taken = new Map<number, Origin>();
  /** The partitions that what a connection brought went to. Open connections only. */
  readonly #carriers = new Map<string, Set<number>>();

  /** @param saved what `snapshot` returned. */
  constructor(saved?: Columns) {
    if (saved === undefined) return;
    const columns = new ColumnReader(saved);
    for (let left = columns.whole(); left > 0; left--) {
      const [partition, sequence, index, part] = [columns.whole(), columns.number(), columns.whole(), columns.whole()];
      this.#taken.set(partition, { partition, sequence, index, part });
    }
    for (let left = columns.whole(); left > 0; left--) {
      const connection = columns.text();
      this.#carriers.set(connection, new Set(columns.list(() => columns.whole())));
    }
  }

  /** False: it was passed on before. A worker that goes over its log again passes the same on again, in the same order. */
  take(from: Origin): boolean {
    const last = this.#taken.get(from.partition);
    if (last !== undefined && !isAfter(from, last)) return false;
    this.#taken.set(from.partition, from);
    return true;
  }

  get carries(): boolean {
    return this.#carriers.size > 0;
  }

  carried(connection: string, partition: number): void {
    if (connection === '') return;
    const to = this.#carriers.get(connection);
    if (to !== undefined) {
      to.add(partition);
      return;
    }
    this.#carriers.set(connection, new Set([partition]));
    if (this.#carriers.size > carriersMax) this.#carriers.delete(this.#carriers.keys().next().value!);
  }

  /** The connection has ended. @returns where that is to be told */
  end(connection: string): readonly number[] {
    const to = this.#carriers.get(connection);
    if (to === undefined) return [];
    this.#carriers.delete(connection);
    return [...to].toSorted((a, b) => a - b);
  }

  /** Absent while there is nothing. */
  snapshot(): Columns | undefined {
    if (this.#taken.size === 0 && this.#carriers.size === 0) return undefined;
    const columns = new ColumnWriter();
    columns.whole(this.#taken.size);
    for (const { partition, sequence, index, part = 0 } of this.#taken.values()) {
      columns.whole(partition);
      columns.number(sequence);
      columns.whole(index);
      columns.whole(part);
    }
    columns.whole(this.#carriers.size);
    for (const [connection, to] of this.#carriers) {
      columns.text(connection);
      columns.list([...to], (partition) => columns.whole(partition));
    }
    return columns.columns();
  }
}

function isAfter(a: Origin, b: Origin): boolean {
  const by = a.sequence - b.sequence || a.index - b.index || (a.part ?? 0) - (b.part ?? 0);
  return by > 0;
}

export function passOn(partition: number, from: Origin, record: DisconnectRecord | LifeRecord): PassedOn {
  return { partition, record: { kind: 'passed', from, record } };
}

/** A reading under the key, name and tags of its owner, which its route says by now. */
export function passReadingOn(partition: number, { record, origin, route, payload, several }: Arrival): PassedOn {
  const { ownTimeUs, fields, presence } = payload;
  const { key, device, tags } = route;
  const isWhole = several === undefined && record.payload.length <= payloadBytesMax;
  const carried: PublishRecord = isWhole ? record : { ...record, payload: new Uint8Array() };
  const as = { key: key!, device: device!, tags, ownTimeUs, fields, ...(presence && { presence }) };
  return { partition, record: { kind: 'passed', from: origin, record: carried, as } };
}
