/** Where the windows of a kind lie, the same for every group. Ends grow with starts. */
export interface Alignment {
  /** Start of the latest window that holds a time. */
  startOf(timeUs: number): number;
  /** Start of the window before. */
  before(startUs: number): number;
  endOf(startUs: number): number;
  /** No two windows overlap. */
  readonly disjoint: boolean;
}

/** Windows of `sizeUs` that begin every `everyUs`, counted from the UTC epoch. */
export function epochAlignment(sizeUs: number, everyUs: number): Alignment {
  return {
    startOf: (timeUs) => Math.floor(timeUs / everyUs) * everyUs,
    before: (startUs) => startUs - everyUs,
    endOf: (startUs) => startUs + sizeUs,
    disjoint: everyUs >= sizeUs,
  };
}
