import type { FieldState } from '../../events/device.ts';
import type { FieldValue } from '../../events/reading.ts';
import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';

/** Gaps between readings that the learned interval is the median of. */
export const gapsKept = 16;
/** Fewer gaps than this teach nothing. */
const gapsMin = 3;
/** A learned interval is news when it has moved by more than this share. */
const newsShare = 0.1;

/** Numbers of one field: time of the value, gaps seen, interval told (NaN: none), then the ring of gaps. */
const width = 3 + gapsKept;
const seenAt = 1;
const toldAt = 2;
const gapsAt = 3;

/**
 * The latest value of each field of one device, and how often it comes. The numbers of all its fields lie side by side
 * in one array: a reading touches a few lines of memory, however many devices there are.
 */
export class FieldHistories {
  readonly #names: string[] = [];
  readonly #values: FieldValue[] = [];
  #numbers = new Float64Array(0);

  /**
   * Takes a field's value; one older than the latest changes nothing. True: the field is new, or its learned interval is
   * news. @param hint where the field probably is: its place in the reading.
   */
  take(name: string, hint: number, value: FieldValue, timeUs: number): boolean {
    const field = this.#names[hint] === name ? hint : this.#names.indexOf(name);
    if (field < 0) {
      this.#add(name, value, timeUs);
      return true;
    }
    const numbers = this.#numbers;
    const at = field * width;
    const beforeUs = numbers[at]!;
    if (timeUs < beforeUs) return false;
    this.#values[field] = value;
    if (timeUs === beforeUs) return false;
    const seen = numbers[at + seenAt]!;
    numbers[at + gapsAt + (seen % gapsKept)] = timeUs - beforeUs;
    numbers[at + seenAt] = seen + 1;
    numbers[at] = timeUs;
    // The median costs more than all else here: it is looked at when first known and once a round.
    return (seen + 1 === gapsMin || (seen + 1) % gapsKept === 0) && this.#isNews(at);
  }

  states(): Record<string, FieldState> {
    // No prototype: a field may be called toString.
    const states = Object.create(null) as Record<string, FieldState>;
    for (const [i, name] of this.#names.entries()) {
      const at = i * width;
      states[name] = { value: this.#values[i]!, timeUs: this.#numbers[at]!, intervalUs: this.#intervalUs(at) };
    }
    return states;
  }

  /** The shortest of the intervals that were last told, null while none is. */
  toldIntervalUs(): number | null {
    let least = Infinity;
    for (let i = 0; i < this.#names.length; i++) {
      const told = this.#numbers[i * width + toldAt]!;
      if (told < least) least = told;
    }
    return least === Infinity ? null : least;
  }

  write(columns: ColumnWriter): void {
    const numbers = this.#numbers;
    columns.whole(this.#names.length);
    for (const [i, name] of this.#names.entries()) {
      const at = i * width;
      columns.fieldName(name);
      columns.fieldValue(this.#values[i]!);
      columns.real(numbers[at]!);
      columns.number(numbers[at + seenAt]!);
      columns.number(numbers[at + toldAt]!);
      const gapsEnd = at + gapsAt + Math.min(numbers[at + seenAt]!, gapsKept);
      for (let gap = at + gapsAt; gap < gapsEnd; gap++) columns.number(numbers[gap]!);
    }
  }

  /** Takes what `write` wrote; it holds nothing before. */
  read(columns: ColumnReader): void {
    const count = columns.whole();
    this.#numbers = new Float64Array(count * width);
    for (let i = 0; i < count; i++) {
      const at = i * width;
      this.#names.push(columns.fieldName());
      this.#values.push(columns.fieldValue());
      this.#numbers[at] = columns.real();
      this.#numbers[at + seenAt] = columns.number();
      this.#numbers[at + toldAt] = columns.number();
      const gapsEnd = at + gapsAt + Math.min(this.#numbers[at + seenAt]!, gapsKept);
      for (let gap = at + gapsAt; gap < gapsEnd; gap++) this.#numbers[gap] = columns.number();
    }
  }

  #add(name: string, value: FieldValue, timeUs: number): void {
    const at = this.#names.length * width;
    if (at + width > this.#numbers.length) {
      // Devices have few fields: room for just the next, then for twice as many.
      const grown = new Float64Array(Math.max(at + width, at * 2));
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#names.push(name);
    this.#values.push(value);
    this.#numbers[at] = timeUs;
    this.#numbers[at + toldAt] = Number.NaN;
  }

  /** The last gaps in us, a ring: the next one goes to gaps seen modulo `gapsKept`. */
  #gaps(at: number): Float64Array {
    const kept = Math.min(this.#numbers[at + seenAt]!, gapsKept);
    return this.#numbers.subarray(at + gapsAt, at + gapsAt + kept);
  }

  /** The lower median, so that it is a gap that was seen. */
  #intervalUs(at: number): number | null {
    const gaps = this.#gaps(at);
    return gaps.length < gapsMin ? null : gaps.toSorted()[(gaps.length - 1) >> 1]!;
  }

  #isNews(at: number): boolean {
    const intervalUs = this.#intervalUs(at);
    if (intervalUs === null) return false;
    const told = this.#numbers[at + toldAt]!;
    if (!Number.isNaN(told) && Math.abs(intervalUs - told) <= told * newsShare) return false;
    this.#numbers[at + toldAt] = intervalUs;
    return true;
  }
}
