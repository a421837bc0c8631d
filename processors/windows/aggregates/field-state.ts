import type { FieldValue } from '../../../events/reading.ts';
import { percentileShares, type AskedAggregates, type WindowAggregates } from '../../../events/window.ts';
import type { ColumnReader } from '../../snapshot/column-reader.ts';
import type { ColumnWriter } from '../../snapshot/column-writer.ts';
import { Distinct, type DistinctRow } from './distinct.ts';
import type { FieldPlan } from './field-plan.ts';
import { NumberSummary } from './number-summary.ts';
import { OrderedPoints } from './ordered-points.ts';
import { Percentiles, type PercentilesRow } from './percentiles.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export type FieldResult = WindowAggregates & AskedAggregates;

type MoreRow = readonly [percentiles: PercentilesRow | null, distinct: DistinctRow | null];

/** What is computed only when asked for; one object, so that a field without costs one null. */
class More {
  readonly percentiles: Percentiles | null;
  readonly distinct: Distinct | null;
  readonly points: OrderedPoints | null;

  constructor(percentiles: Percentiles | null, distinct: Distinct | null, points: OrderedPoints | null) {
    this.percentiles = percentiles;
    this.distinct = distinct;
    this.points = points;
  }
}

function readMore(columns: ColumnReader): More {
  const [percentiles, distinct] = columns.value() as MoreRow;
  return new More(
    percentiles === null ? null : Percentiles.fromRow(percentiles),
    distinct === null ? null : Distinct.fromRow(distinct),
    columns.flag() ? OrderedPoints.read(columns) : null,
  );
}

/** What a window holds of one field. */
export class FieldState {
  readonly #numbers: NumberSummary;
  readonly #more: More | null;
  #texts = 0;
  /** How many results were given of it: the revision of the next. */
  results = 0;

  constructor(plan: FieldPlan, numbers = new NumberSummary(), more: More | null = moreOf(plan)) {
    this.#numbers = numbers;
    this.#more = more;
  }

  add(value: FieldValue, timeUs: number): void {
    if (typeof value === 'string') this.#texts++;
    // No -0: MessagePack would bring it back as 0.
    else this.#numbers.add(Number(value) + 0, timeUs);
    if (this.#more !== null) this.#addMore(this.#more, typeof value === 'number' ? value + 0 : value, timeUs);
  }

  /** Takes what another one of the same plan holds. At equal times the other's values count as having come later. */
  merge(other: FieldState): void {
    this.#numbers.merge(other.#numbers);
    this.#texts += other.#texts;
    if (this.#more === null || other.#more === null) return;
    const { percentiles, distinct, points } = this.#more;
    percentiles?.merge(other.#more.percentiles!);
    distinct?.merge(other.#more.distinct!);
    points?.merge(other.#more.points!);
  }

  /** The summary of its numbers, for who moves it in memory. */
  get numbers(): NumberSummary {
    return this.#numbers;
  }

  result(plan: FieldPlan): FieldResult {
    const count = this.#numbers.count + this.#texts;
    const usual = this.#numbers.count === 0 ? { ...nothing, count } : { ...this.#numbers.result, count };
    return this.#more === null ? usual : Object.assign(usual, this.#asked(this.#more, plan, usual));
  }

  write(columns: ColumnWriter): void {
    this.#numbers.write(columns);
    columns.number(this.#texts);
    columns.number(this.results);
    columns.flag(this.#more !== null);
    if (this.#more === null) return;
    const { percentiles, distinct, points } = this.#more;
    columns.value([percentiles?.toRow() ?? null, distinct?.toRow() ?? null]);
    columns.flag(points !== null);
    points?.write(columns);
  }

  static read(plan: FieldPlan, columns: ColumnReader): FieldState {
    const numbers = NumberSummary.read(columns);
    const texts = columns.number();
    const results = columns.number();
    const more = columns.flag() ? readMore(columns) : null;
    const state = new FieldState(plan, numbers, plan.more ? (more ?? new More(null, null, null)) : null);
    state.#texts = texts;
    state.results = results;
    return state;
  }

  #addMore({ percentiles, distinct, points }: More, value: FieldValue, timeUs: number): void {
    distinct?.add(value);
    points?.add(timeUs, value);
    if (percentiles !== null && typeof value !== 'string') percentiles.add(Number(value));
  }

  #asked(
    { percentiles, distinct, points }: More,
    plan: FieldPlan,
    { min, max }: Pick<WindowAggregates, 'min' | 'max'>,
  ): AskedAggregates {
    const result: Writable<AskedAggregates> = {};
    for (const name of plan.percentiles) {
      const value = percentiles!.at(percentileShares[name]);
      // The middle of a bin may lie beyond every value in it.
      if (value !== null) result[name] = Math.min(Math.max(value, min!), max!);
    }
    if (distinct !== null) result.distinct = distinct.count;
    if (points === null) return result;
    const walk = points.walk();
    const { timeWeightedMean, increase, rate } = walk;
    if (plan.twa && timeWeightedMean !== null) result.twa = timeWeightedMean;
    if (plan.increase && increase !== null) result.increase = increase;
    if (plan.rate && rate !== null) result.rate = rate;
    if (plan.duration) result.durations = walk.durations;
    return result;
  }
}

/** What is there of a field without numbers. */
export const nothing: WindowAggregates = {
  count: 0,
  min: null,
  max: null,
  mean: null,
  sum: null,
  first: null,
  last: null,
  stddev: null,
};

function moreOf(plan: FieldPlan): More | null {
  if (!plan.more) return null;
  return new More(
    plan.percentiles.length > 0 ? new Percentiles() : null,
    plan.distinct ? new Distinct() : null,
    plan.ordered ? new OrderedPoints() : null,
  );
}
