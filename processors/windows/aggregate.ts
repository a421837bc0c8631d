import type { WindowAggregates } from '../../events/window.ts';

export type AggregateRow = readonly [
  count: number,
  min: number,
  max: number,
  sum: number,
  sumRest: number,
  mean: number,
  squares: number,
  first: number,
  firstUs: number,
  last: number,
  lastUs: number,
];

/**
 * What a window keeps of one field. The sum is compensated (Neumaier 1974), the spread is Welford's (1962): neither
 * loses digits to many small values on a large one. Beyond the range of a double results stay at its end, finite.
 */
export class Aggregate {
  #count = 0;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;
  /** What rounding took from `#sum`. */
  #sumRest = 0;
  #mean = 0;
  /** Sum of squared distances from the mean. */
  #squares = 0;
  #first = 0;
  #firstUs = Infinity;
  #last = 0;
  #lastUs = -Infinity;

  /** First and last go by event time; at one time, by arrival. */
  add(value: number, timeUs: number): void {
    this.#count++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#addToSum(value);
    const distance = finite(value - this.#mean);
    this.#mean += distance / this.#count;
    this.#squares = finite(this.#squares + distance * (value - this.#mean));
    if (timeUs < this.#firstUs) {
      this.#first = value;
      this.#firstUs = timeUs;
    }
    if (timeUs >= this.#lastUs) {
      this.#last = value;
      this.#lastUs = timeUs;
    }
  }

  get result(): WindowAggregates {
    const sum = finite(this.#sum + this.#sumRest);
    return {
      count: this.#count,
      min: this.#min,
      max: this.#max,
      // Rounding may not put the mean of equal values beside them.
      mean: Math.min(Math.max(sum / this.#count, this.#min), this.#max),
      sum,
      first: this.#first,
      last: this.#last,
      stddev: Math.sqrt(Math.max(this.#squares, 0) / this.#count),
    };
  }

  toRow(): AggregateRow {
    return [
      this.#count,
      this.#min,
      this.#max,
      this.#sum,
      this.#sumRest,
      this.#mean,
      this.#squares,
      this.#first,
      this.#firstUs,
      this.#last,
      this.#lastUs,
    ];
  }

  static fromRow(row: AggregateRow): Aggregate {
    const aggregate = new Aggregate();
    [aggregate.#count, aggregate.#min, aggregate.#max, aggregate.#sum, aggregate.#sumRest] = row;
    aggregate.#mean = row[5];
    aggregate.#squares = row[6];
    [aggregate.#first, aggregate.#firstUs, aggregate.#last, aggregate.#lastUs] = [row[7], row[8], row[9], row[10]];
    return aggregate;
  }

  #addToSum(value: number): void {
    const sum = this.#sum + value;
    if (!Number.isFinite(sum)) {
      this.#sum = finite(sum);
      return;
    }
    this.#sumRest += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }
}

function finite(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
