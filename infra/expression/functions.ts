/** A function of expressions: takes finite numbers, gives a number, which may be none (`sqrt(-1)`). */
export interface ExpressionFunction {
  readonly least: number;
  readonly most: number;
  readonly apply: (...values: number[]) => number;
}

/** Arguments that `min` and `max` take. */
const argumentsMax = 16;

const one = (apply: (value: number) => number): ExpressionFunction => ({ least: 1, most: 1, apply });
const several = (apply: (...values: number[]) => number): ExpressionFunction => ({
  least: 1,
  most: argumentsMax,
  apply,
});

/** All there are, besides `if(condition, then, else)` and `field("any name")`. */
export const functions: ReadonlyMap<string, ExpressionFunction> = new Map([
  ['abs', one(Math.abs)],
  ['ceil', one(Math.ceil)],
  ['exp', one(Math.exp)],
  ['floor', one(Math.floor)],
  ['log', one(Math.log)],
  ['max', several(Math.max)],
  ['min', several(Math.min)],
  ['pow', { least: 2, most: 2, apply: Math.pow }],
  ['round', one(Math.round)],
  ['sqrt', one(Math.sqrt)],
]);
