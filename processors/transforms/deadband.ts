import type { FieldValue } from '../../events/reading.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import { leaveOut, type Transform } from './transform.ts';

interface Kept {
  value: FieldValue;
  timeUs: number;
}

export interface DeadbandOptions {
  readonly field: string;
  readonly deadband: number;
  /** One value is kept when the last one is so old; without it only a change is. */
  readonly everyUs: number | null;
}

/**
 * Leaves a value out that is within the band of the last one kept of its device, by event time. Booleans and texts are
 * left out while they stay equal. A reading older than the last one kept is kept and changes nothing: what was the
 * last value at its time is not known any more, and one too many is better than a change that is lost. So for each
 * value left out there is one kept at or before its time, within the band, and less than `every` older.
 */
export class Deadband implements Transform {
  readonly #options: DeadbandOptions;
  readonly #names: ReadonlySet<string>;
  readonly #room = new ColumnRoom();
  readonly #devices = new Map<string, Kept>();

  constructor(options: DeadbandOptions, restored?: unknown) {
    this.#options = options;
    this.#names = new Set([options.field]);
    if (restored === undefined) return;
    const columns = new ColumnReader(restored as Columns);
    while (!columns.isAtEnd) {
      const key = columns.text();
      const value = columns.fieldValue();
      this.#devices.set(key, { value, timeUs: columns.real() });
    }
  }

  apply(...[draft, tally]: Parameters<Transform['apply']>): 'kept' | 'emptied' {
    const { field, deadband, everyUs } = this.#options;
    const { key, timeUs, fields } = draft;
    if (!Object.hasOwn(fields, field)) return 'kept';
    const value = fields[field]!;
    const last = this.#devices.get(key);
    if (last === undefined) {
      this.#devices.set(key, { value, timeUs });
      return 'kept';
    }
    if (timeUs < last.timeUs) return 'kept';
    const isSame =
      typeof value === 'number' && typeof last.value === 'number'
        ? Math.abs(value - last.value) <= deadband
        : value === last.value;
    if (isSame && (everyUs === null || timeUs - last.timeUs < everyUs)) {
      tally.fields++;
      leaveOut(draft, this.#names);
      return 'emptied';
    }
    last.value = value;
    last.timeUs = timeUs;
    return 'kept';
  }

  forget(key: string): void {
    this.#devices.delete(key);
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    for (const [key, { value, timeUs }] of this.#devices) {
      columns.text(key);
      columns.fieldValue(value);
      columns.real(timeUs);
    }
    return columns.columns();
  }
}
