import type { ColumnReader } from '../../snapshot/column-reader.ts';
import type { ColumnWriter } from '../../snapshot/column-writer.ts';

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

type NumberRow = readonly [
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

/** Places in a row of numbers. */
const [countAt, minAt, maxAt, sumAt, sumRestAt, meanAt, squaresAt, firstAt, firstUsAt, lastAt, lastUsAt] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
] as const;

/** Numbers that a summary takes. */
export const summaryCells = 11;

type Cells = number[] | Float64Array;

/**
 * Adds a value to the row of numbers that begins at `at`. The sum is compensated (Neumaier 1974), the spread is
 * Welford's (1962): neither loses digits to many small values on a large one. Beyond the range of a double results stay
 * at its end, finite. First and last go by event time; at one time, by arrival.
 */
export function addNumber(cells: Cells, at: number, value: number, timeUs: number): void {
  const count = cells[at + countAt]! + 1;
  cells[at + countAt] = count;
  if (value < cells[at + minAt]!) cells[at + minAt] = value;
  if (value > cells[at + maxAt]!) cells[at + maxAt] = value;
  addToSum(cells, at, value);
  const distance = finite(value - cells[at + meanAt]!);
  const mean = cells[at + meanAt]! + distance / count;
  cells[at + meanAt] = mean;
  cells[at + squaresAt] = finite(cells[at + squaresAt]! + distance * (value - mean));
  if (timeUs < cells[at + firstUsAt]!) {
    cells[at + firstAt] = value;
    cells[at + firstUsAt] = timeUs;
  }
  if (timeUs >= cells[at + lastUsAt]!) {
    cells[at + lastAt] = value;
    cells[at + lastUsAt] = timeUs;
  }
}

function addToSum(cells: Cells, at: number, value: number): void {
  const before = cells[at + sumAt]!;
  const sum = before + value;
  if (!Number.isFinite(sum)) {
    cells[at + sumAt] = finite(sum);
    return;
  }
  cells[at + sumRestAt]! += Math.abs(before) >= Math.abs(value) ? before - sum + value : value - sum + before;
  cells[at + sumAt] = sum;
}

/**
 * What a window keeps of one field's numbers: a row of its own, or for as long as many readings come to it, a row among
 * those of its device's other windows (`moveTo`), so that one reading finds all of them side by side in memory.
 */
export class NumberSummary {
  #cells: Cells;
  #at = 0;

  constructor(row: NumberRow = emptyRow()) {
    this.#cells = row as unknown as number[];
  }

  add(value: number, timeUs: number): void {
    addNumber(this.#cells, this.#at, value, timeUs);
  }

  /** From now on the numbers lie in these cells. */
  moveTo(cells: Float64Array, at: number): void {
    for (let i = 0; i < summaryCells; i++) cells[at + i] = this.#cells[this.#at + i]!;
    this.#cells = cells;
    this.#at = at;
  }

  /** From now on they lie in a row of their own. */
  moveOut(): void {
    this.#cells = this.#row() as unknown as number[];
    this.#at = 0;
  }

  get count(): number {
    return this.#get(countAt);
  }

  /**
   * Takes what another one holds. At equal times the other's values count as having come later. The spread is joined
   * after Chan, Golub and LeVeque (1979).
   */
  merge(other: NumberSummary): void {
    if (other.count === 0) return;
    if (this.count === 0) {
      for (const [i, value] of other.#row().entries()) this.#set(i, value);
      return;
    }
    const count = this.count + other.count;
    const distance = finite(other.#get(meanAt) - this.#get(meanAt));
    const between = finite(finite(distance * distance) * ((this.count * other.count) / count));
    this.#set(squaresAt, finite(finite(this.#get(squaresAt) + other.#get(squaresAt)) + between));
    this.#set(meanAt, this.#get(meanAt) + distance * (other.count / count));
    this.#set(countAt, count);
    this.#set(minAt, Math.min(this.#get(minAt), other.#get(minAt)));
    this.#set(maxAt, Math.max(this.#get(maxAt), other.#get(maxAt)));
    addToSum(this.#cells, this.#at, other.#get(sumAt));
    this.#set(sumRestAt, this.#get(sumRestAt) + other.#get(sumRestAt));
    if (other.#get(firstUsAt) < this.#get(firstUsAt)) {
      this.#set(firstAt, other.#get(firstAt));
      this.#set(firstUsAt, other.#get(firstUsAt));
    }
    if (other.#get(lastUsAt) >= this.#get(lastUsAt)) {
      this.#set(lastAt, other.#get(lastAt));
      this.#set(lastUsAt, other.#get(lastUsAt));
    }
  }

  get result(): NumberResult {
    const sum = finite(this.#get(sumAt) + this.#get(sumRestAt));
    return {
      count: this.count,
      min: this.#get(minAt),
      max: this.#get(maxAt),
      // Rounding may not put the mean of equal values beside them.
      mean: Math.min(Math.max(sum / this.count, this.#get(minAt)), this.#get(maxAt)),
      sum,
      first: this.#get(firstAt),
      last: this.#get(lastAt),
      stddev: Math.sqrt(Math.max(this.#get(squaresAt), 0) / this.count),
    };
  }

  #row(): NumberRow {
    const row = emptyRow() as unknown as number[];
    for (let i = 0; i < summaryCells; i++) row[i] = this.#get(i);
    return row as unknown as NumberRow;
  }

  write(columns: ColumnWriter): void {
    columns.number(this.count);
    if (this.count === 0) return;
    for (let i = countAt + 1; i < summaryCells; i++) columns.number(this.#get(i));
  }

  static read(columns: ColumnReader): NumberSummary {
    const row = emptyRow() as unknown as number[];
    row[countAt] = columns.number();
    if (row[countAt] > 0) for (let i = countAt + 1; i < summaryCells; i++) row[i] = columns.number();
    return new NumberSummary(row as unknown as NumberRow);
  }

  #get(place: number): number {
    return this.#cells[this.#at + place]!;
  }

  #set(place: number, value: number): void {
    this.#cells[this.#at + place] = value;
  }
}

/** An array of doubles from the beginning: V8 keeps them unboxed, one behind the other. */
function emptyRow(): NumberRow {
  return [0, Infinity, -Infinity, 0, 0, 0, 0, 0, Infinity, 0, -Infinity];
}

/** Beyond the range of a double, its end. */
export function finite(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
