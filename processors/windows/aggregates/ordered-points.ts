import type { FieldValue } from '../../../events/reading.ts';
import type { ColumnReader } from '../../snapshot/column-reader.ts';
import type { ColumnWriter } from '../../snapshot/column-writer.ts';
import { ValueWalk, type WalkRow } from './value-walk.ts';

/** Points held of one window and field. */
export const pointsMax = 4_096;

/**
 * A field's values in order of event time, for what depends on that order; of one time, in order of arrival. Of more
 * than `pointsMax` the older half is summed up, and what comes later of a time before its end is left out.
 */
export class OrderedPoints {
  #walked: ValueWalk | null = null;
  #times: number[] = [];
  #values: FieldValue[] = [];

  add(timeUs: number, value: FieldValue): void {
    const times = this.#times;
    if (times.length === 0 || timeUs >= times.at(-1)!) {
      if (times.length === 0 && this.#isSummedUp(timeUs)) return;
      times.push(timeUs);
      this.#values.push(value);
    } else {
      if (this.#isSummedUp(timeUs)) return;
      const at = placeBehind(times, timeUs);
      times.splice(at, 0, timeUs);
      this.#values.splice(at, 0, value);
    }
    if (times.length > pointsMax) this.#sumUp(pointsMax / 2);
  }

  /** Takes the points of another one, as if they had come after its own. */
  merge(other: OrderedPoints): void {
    const walked = other.#walked;
    if (walked !== null) this.#takeWalk(walked);
    for (const [i, timeUs] of other.#times.entries()) this.add(timeUs, other.#values[i]!);
  }

  /** All of it walked over. */
  walk(): ValueWalk {
    const walk = this.#walked?.copy() ?? new ValueWalk();
    for (const [i, timeUs] of this.#times.entries()) walk.step(timeUs, this.#values[i]!);
    return walk;
  }

  write(columns: ColumnWriter): void {
    columns.value(this.#walked?.toRow() ?? null);
    columns.list(this.#times, (timeUs) => columns.real(timeUs));
    columns.list(this.#values, (value) => columns.fieldValue(value));
  }

  static read(columns: ColumnReader): OrderedPoints {
    const points = new OrderedPoints();
    const walked = columns.value() as WalkRow | null;
    points.#walked = walked === null ? null : ValueWalk.fromRow(walked);
    points.#times = columns.list(() => columns.real());
    points.#values = columns.list(() => columns.fieldValue());
    return points;
  }

  #isSummedUp(timeUs: number): boolean {
    return this.#walked !== null && timeUs < this.#walked.lastUs!;
  }

  #sumUp(count: number): void {
    this.#walked ??= new ValueWalk();
    for (let i = 0; i < count; i++) this.#walked.step(this.#times[i]!, this.#values[i]!);
    this.#times = this.#times.slice(count);
    this.#values = this.#values.slice(count);
  }

  /** What another one has summed up: own points before it are summed up too, those within are left out. */
  #takeWalk(walked: ValueWalk): void {
    if (this.#walked !== null && this.#walked.lastUs! > walked.firstUs!) {
      // Two sums of the same time cannot be put in order: the one that began first stays.
      if (this.#walked.firstUs! <= walked.firstUs!) return;
      this.#walked = null;
    }
    const before = this.#times.findLastIndex((timeUs) => timeUs <= walked.firstUs!) + 1;
    this.#sumUp(before);
    this.#walked!.join(walked);
    const within = this.#times.findIndex((timeUs) => timeUs >= walked.lastUs!);
    const kept = within === -1 ? this.#times.length : within;
    this.#times = this.#times.slice(kept);
    this.#values = this.#values.slice(kept);
  }
}

/** Index behind all that are not later. */
function placeBehind(times: readonly number[], timeUs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= timeUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
