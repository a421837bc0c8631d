import type { Redriven } from '../../events/record.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';

/** Redriven readings remembered in a partition: forty full requests. About 2 MiB. */
export const redrivenKept = 20_000;

/**
 * Which redriven readings were taken, by where the sensor's own record stands and the reading's number in it: the last
 * `redrivenKept`. Sequences are the stream's, so they tell partitions apart, too.
 */
export class TakenRedriven {
  /** Oldest first. */
  readonly #taken = new Set<string>();
  readonly #max: number;

  constructor(saved?: Columns, max = redrivenKept) {
    this.#max = max;
    if (saved === undefined) return;
    const columns = new ColumnReader(saved);
    while (!columns.isAtEnd) this.#taken.add(columns.text());
  }

  /** False: it was taken before. */
  take({ sequence, index }: Redriven, part: number): boolean {
    const name = `${sequence}.${index}.${part}`;
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    if (this.#taken.size > this.#max) this.#taken.delete(this.#taken.values().next().value!);
    return true;
  }

  /** Absent while there are none, which costs other snapshots nothing. */
  snapshot(): Columns | undefined {
    if (this.#taken.size === 0) return undefined;
    const columns = new ColumnWriter();
    for (const name of this.#taken) columns.ownText(name);
    return columns.columns();
  }
}
