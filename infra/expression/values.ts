import type { FieldValue } from '../../events/reading.ts';

/** What a part of an expression gives: NaN where a number is not finite, undefined where a field is missing. */
export type Value = FieldValue | undefined;
export type Fields = Readonly<Record<string, FieldValue>>;
export type Evaluate = (fields: Fields) => Value;

/** As a number, booleans as 1 and 0; a text is none. */
function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'boolean' ? Number(value) : undefined;
}

/** Infinity could vanish on the way (`1 / (1 / x)`): whatever is not finite is NaN, and stays it. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

/** As a condition: a number other than 0 is true. */
function truthOf(value: Value): boolean | number | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'number') return undefined;
  return Number.isNaN(value) ? value : value !== 0;
}

const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/** The closure of an operator between two parts; null when there is no such operator. */
export function binary(operator: string, left: Evaluate, right: Evaluate): Evaluate | null {
  if (operator === '&&' || operator === '||') return logical(operator === '||', left, right);
  const operation = operations[operator];
  if (operation !== undefined)
    return (fields) => {
      const a = numberOf(left(fields));
      if (a === undefined) return undefined;
      const b = numberOf(right(fields));
      return b === undefined ? undefined : finite(operation(a, b));
    };
  const comparison = comparisons[operator];
  if (comparison === undefined) return null;
  const isEquality = operator === '==' || operator === '!=';
  return (fields) => {
    const a = left(fields);
    const b = right(fields);
    if (isEquality && typeof a === 'string' && typeof b === 'string') return (a === b) === (operator === '==');
    const x = numberOf(a);
    const y = numberOf(b);
    if (x === undefined || y === undefined) return undefined;
    return Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : comparison(x, y);
  };
}

/** The right side is looked at only where the left does not decide. */
function logical(decides: boolean, left: Evaluate, right: Evaluate): Evaluate {
  return (fields) => {
    const a = truthOf(left(fields));
    return a === !decides ? truthOf(right(fields)) : a;
  };
}

export function negative(part: Evaluate): Evaluate {
  return (fields) => {
    const value = numberOf(part(fields));
    return value === undefined ? undefined : -value;
  };
}

export function positive(part: Evaluate): Evaluate {
  return (fields) => numberOf(part(fields));
}

export function not(part: Evaluate): Evaluate {
  return (fields) => {
    const value = truthOf(part(fields));
    return typeof value === 'boolean' ? !value : value;
  };
}

/** Only the branch that is chosen is looked at. */
export function choice(condition: Evaluate, then: Evaluate, otherwise: Evaluate): Evaluate {
  return (fields) => {
    const value = truthOf(condition(fields));
    if (typeof value !== 'boolean') return value;
    return value ? then(fields) : otherwise(fields);
  };
}

export function call(apply: (...values: number[]) => number, parts: readonly Evaluate[]): Evaluate {
  return (fields) => {
    const values: number[] = [];
    for (const part of parts) {
      const value = numberOf(part(fields));
      // pow(NaN, 0) is 1: what is not finite is not even asked.
      if (value === undefined || Number.isNaN(value)) return value;
      values.push(value);
    }
    return finite(apply(...values));
  };
}
