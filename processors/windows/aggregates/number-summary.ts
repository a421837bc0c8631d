/** The eight numbers that every window holds of a field's numbers. */
export interface NumberResult {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly sum: number;
  readonly first: number;
  readonly last: number;
  readonly stddev: number;
}

export type NumberRow = readonly [
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
export class NumberSummary {
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

  get count(): number {
    return this.#count;
  }

  /**
   * Takes what another one holds. At equal times the other's values count as having come later. The spread is joined
   * after Chan, Golub and LeVeque (1979).
   */
  merge(other: NumberSummary): void {
    if (other.#count === 0) return;
    if (this.#count === 0) {
      this.#fill(other.toRow());
      return;
    }
    const count = this.#count + other.#count;
    const distance = finite(other.#mean - this.#mean);
    const between = finite(finite(distance * distance) * ((this.#count * other.#count) / count));
    this.#squares = finite(finite(this.#squares + other.#squares) + between);
    this.#mean += distance * (other.#count / count);
    this.#count = count;
    if (other.#min < this.#min) this.#min = other.#min;
    if (other.#max > this.#max) this.#max = other.#max;
    this.#addToSum(other.#sum);
    this.#sumRest += other.#sumRest;
    if (other.#firstUs < this.#firstUs) {
      this.#first = other.#first;
      this.#firstUs = other.#firstUs;
    }
    if (other.#lastUs >= this.#lastUs) {
      this.#last = other.#last;
      this.#lastUs = other.#lastUs;
    }
  }

  get result(): NumberResult {
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

  toRow(): NumberRow {
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

  static fromRow(row: NumberRow): NumberSummary {
    const summary = new NumberSummary();
    summary.#fill(row);
    return summary;
  }

  #fill(row: NumberRow): void {
    [this.#count, this.#min, this.#max, this.#sum, this.#sumRest] = row;
    this.#mean = row[5];
    this.#squares = row[6];
    [this.#first, this.#firstUs, this.#last, this.#lastUs] = [row[7], row[8], row[9], row[10]];
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

/** Beyond the range of a double, its end. */
export function finite(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
