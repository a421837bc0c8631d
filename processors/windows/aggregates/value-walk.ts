import type { FieldValue } from '../../../events/reading.ts';
import { finite } from './number-summary.ts';

/** States whose time is held apart; that of further ones is summed under `otherStates`. */
const statesMax = 32;
export const otherStates = '(other)';

/** Where a walk was at first, and where it is. Times in us; null before there was one. */
interface Ends {
  firstUs: number;
  first: FieldValue;
  lastUs: number;
  last: FieldValue;
}

interface NumberEnds extends Ends {
  first: number;
  last: number;
}

export type WalkRow = readonly [
  ends: readonly [firstUs: number, first: FieldValue, lastUs: number, last: FieldValue] | null,
  numbers: readonly [firstUs: number, first: number, lastUs: number, last: number] | null,
  area: number,
  increase: number,
  states: readonly (readonly [state: string, us: number])[],
];

/**
 * What depends on the order of a field's values, gathered by walking over them in event time: the time in each
 * state, the area below the numbers, and what they grew by (a fall being a counter that began anew at 0).
 */
export class ValueWalk {
  #ends: Ends | null = null;
  #numbers: NumberEnds | null = null;
  /** Value times us. */
  #area = 0;
  #increase = 0;
  #states = new Map<string, number>();

  /** Where it began and is, us; null before the first step. */
  get firstUs(): number | null {
    return this.#ends?.firstUs ?? null;
  }

  get lastUs(): number | null {
    return this.#ends?.lastUs ?? null;
  }

  /** Goes on to a value whose time is not before the last. */
  step(timeUs: number, value: FieldValue): void {
    if (this.#ends === null) this.#ends = { firstUs: timeUs, first: value, lastUs: timeUs, last: value };
    else this.#holdUntil(this.#ends, timeUs, value);
    if (typeof value === 'string') return;
    const number = Number(value);
    if (this.#numbers === null) this.#numbers = { firstUs: timeUs, first: number, lastUs: timeUs, last: number };
    else this.#growTo(this.#numbers, timeUs, number);
  }

  /** Goes on with another walk, which began where this one is or later. */
  join(next: ValueWalk): void {
    if (next.#ends !== null) {
      this.step(next.#ends.firstUs, next.#ends.first);
      Object.assign(this.#ends!, { lastUs: next.#ends.lastUs, last: next.#ends.last });
    }
    if (next.#numbers !== null) {
      const { firstUs, first, lastUs, last } = next.#numbers;
      if (this.#numbers === null) this.#numbers = { ...next.#numbers };
      else if (typeof next.#ends!.first === 'string') this.#growTo(this.#numbers, firstUs, first);
      Object.assign(this.#numbers, { lastUs, last });
    }
    this.#area = finite(this.#area + next.#area);
    this.#increase = finite(this.#increase + next.#increase);
    for (const [state, us] of next.#states) this.#addState(state, us);
  }

  /** Time-weighted mean; without time between the numbers the last of them, null without numbers. */
  get timeWeightedMean(): number | null {
    if (this.#numbers === null) return null;
    const spanUs = this.#numbers.lastUs - this.#numbers.firstUs;
    return spanUs === 0 ? this.#numbers.last : this.#area / spanUs;
  }

  get increase(): number | null {
    return this.#numbers === null ? null : this.#increase;
  }

  /** Per second; null without time between the numbers. */
  get rate(): number | null {
    if (this.#numbers === null) return null;
    const spanUs = this.#numbers.lastUs - this.#numbers.firstUs;
    return spanUs === 0 ? null : finite(this.#increase / (spanUs / 1e6));
  }

  /** Seconds in each state. */
  get durations(): Record<string, number> {
    return Object.fromEntries(Array.from(this.#states, ([state, us]) => [state, us / 1e6]));
  }

  copy(): ValueWalk {
    return ValueWalk.fromRow(this.toRow());
  }

  toRow(): WalkRow {
    const rowOf = <T>(ends: Ends & { first: T; last: T }) =>
      [ends.firstUs, ends.first, ends.lastUs, ends.last] as const;
    return [
      this.#ends === null ? null : rowOf<FieldValue>(this.#ends),
      this.#numbers === null ? null : rowOf<number>(this.#numbers),
      this.#area,
      this.#increase,
      [...this.#states],
    ];
  }

  static fromRow([ends, numbers, area, increase, states]: WalkRow): ValueWalk {
    const walk = new ValueWalk();
    if (ends !== null) walk.#ends = { firstUs: ends[0], first: ends[1], lastUs: ends[2], last: ends[3] };
    if (numbers !== null)
      walk.#numbers = { firstUs: numbers[0], first: numbers[1], lastUs: numbers[2], last: numbers[3] };
    walk.#area = area;
    walk.#increase = increase;
    walk.#states = new Map(states);
    return walk;
  }

  #holdUntil(ends: Ends, timeUs: number, value: FieldValue): void {
    this.#addState(String(ends.last), timeUs - ends.lastUs);
    ends.lastUs = timeUs;
    ends.last = value;
  }

  #growTo(numbers: NumberEnds, timeUs: number, value: number): void {
    this.#area = finite(this.#area + numbers.last * (timeUs - numbers.lastUs));
    this.#increase = finite(this.#increase + (value >= numbers.last ? value - numbers.last : value));
    numbers.lastUs = timeUs;
    numbers.last = value;
  }

  #addState(state: string, us: number): void {
    if (us === 0) return;
    const known = this.#states.has(state) || this.#states.size < statesMax ? state : otherStates;
    this.#states.set(known, (this.#states.get(known) ?? 0) + us);
  }
}
