import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../events/reading.ts';
import { compileExpression, expressionCharsMax } from './expression.ts';

function evaluate(text: string, fields: Record<string, FieldValue> = {}) {
  const compiled = compileExpression(text, null);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled.evaluate(fields);
}

const fields = { a: 6, b: 2, zero: 0, on: true, off: false, state: 'run', 'motor.speed': 30, 'oil-temp': 80 };

it.each<[string, FieldValue | undefined]>([
  ['a + b * 2', 10],
  ['(a + b) * 2', 16],
  ['-a % 4', -2],
  ['a - -b', 8],
  ['a > b && b > 1', true],
  ['a < b || !on', false],
  ['on + on', 2],
  ['a == 6 ? "six" : "other"', 'six'],
  ['state == "run"', true],
  ['state != "run"', false],
  ['if(a >= 6, b, 0)', 2],
  ['motor.speed / 60', 0.5],
  ['field("oil-temp") - 1', 79],
  ['min(a, b, 1) + max(a, b)', 7],
  ['round(2.5) + floor(-0.5) + ceil(0.2) + abs(-3)', 6],
  ['sqrt(16) + pow(2, 3) + log(exp(1))', 13],
  ['zero || b', true],
  // What is missing makes the result missing, unless it is not looked at.
  ['missing + 1', undefined],
  ['!missing', undefined],
  ['min(a, missing)', undefined],
  ['missing > 1 ? 1 : 2', undefined],
  ['on ? a : missing', 6],
  ['off && missing', false],
  ['on || missing', true],
  ['missing && off', undefined],
  // Texts are compared, not computed with.
  ['state + 1', undefined],
  ['state > 1', undefined],
  ['state == 1', undefined],
  // Names that objects have of their own are missing like others.
  ['toString + 1', undefined],
  ['hasOwnProperty', undefined],
  // What is not finite stays so, whatever is done with it.
  ['a / zero', Number.NaN],
  ['1 / (a / zero)', Number.NaN],
  ['pow(a / zero, zero)', Number.NaN],
  ['a / zero > 1', Number.NaN],
  ['!(a / zero)', Number.NaN],
  ['a / zero ? 1 : 2', Number.NaN],
  ['sqrt(-a)', Number.NaN],
  ['exp(a * 1000)', Number.NaN],
  ['off && a / zero', false],
])('%s', (text, expected) => {
  expect(evaluate(text, fields)).toEqual(expected);
});

describe('what is refused', () => {
  const known = ['voltage', 'current', 'motor.speed'];
  it.each<[string, string]>([
    ['', 'is empty'],
    ['voltage *', 'does not parse: Expected expression after * at character 10'],
    ['(voltage', 'does not parse: Unclosed ( at character 9'],
    ['voltage current', 'is more than one expression: an operator is missing'],
    [
      'voltag * current',
      'names an unknown field: "voltag" at character 1 (did you mean "voltage"?); they are declared',
    ],
    [
      '1 + motor.sped',
      'names an unknown field: "motor.sped" at character 5 (did you mean "motor.speed"?); they are declared',
    ],
    ['sqr(voltage)', 'calls an unknown function: "sqr" at character 1 (did you mean "sqrt"?)'],
    [
      'eval("1")',
      'calls an unknown function: "eval" at character 1; known: abs, ceil, exp, floor, log, max, min, pow, round, sqrt, if, field',
    ],
    ['pow(voltage)', 'pow takes 2 values, is given 1: pow(voltage)'],
    ['min()', 'min takes 1 to 16 values, is given 0: min()'],
    ['voltage / 0', 'divides by zero: (voltage / 0)'],
    ['voltage % (2 - 2)', 'divides by zero: (voltage % (2 - 2))'],
    ['voltage + log(0)', 'log(0) is not a finite number'],
    ['"a" * 2', '("a" * 2) computes with a text'],
    ['voltage === 1', 'has an operator that is not known: === in (voltage === 1) (write ==)'],
    ['voltage ** 2', 'has an operator that is not known: ** in (voltage ** 2) (write pow(a, b))'],
    ['voltage & 1', 'has an operator that is not known: & in (voltage & 1)'],
    ['~voltage', 'has an operator that is not known: ~'],
    ['voltage = 1', 'does not parse: Unexpected "=" at character 9'],
    ['voltage["x"]', 'voltage["x"] is nothing that an expression may hold; there are no properties'],
    ['voltage.toString()', 'calls voltage.toString, which is no function'],
    ['"".constructor', '"" is nothing that an expression may hold; there are no properties'],
    ['this', 'this is nothing that an expression may hold'],
    ['[voltage]', '[voltage] is nothing that an expression may hold'],
    ['null', 'null is no value that a field can have'],
    ['1e999', '1e999 is no value that a field can have'],
    ['field(voltage)', 'field takes one text: field("oil-temperature")'],
    [`${'-'.repeat(40)}voltage`, 'is nested deeper than 32'],
    ['1'.repeat(expressionCharsMax + 1), 'has 1025 characters, at most 1024 are taken'],
  ])('%s', (text, problem) => expect(compileExpression(text, known, '; they are declared')).toEqual({ problem }));

  it('nothing that a person can write makes it throw', () => {
    const piece = fc.constantFrom(
      ...'a b ( ) [ ] . , ? : + - * / % < > = ! & | " \' 0 1 1e9 if field this null { } ; ` \\'.split(' '),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const compiled = compileExpression(pieces.join(' '), null);
        if ('problem' in compiled) return;
        const value = compiled.evaluate({ a: 1, b: 0 });
        expect(['number', 'boolean', 'string', 'undefined']).toContain(typeof value);
      }),
      { numRuns: 2_000 },
    );
    for (const open of ['(', '[', '-', 'min(', 'a?'])
      expect(compileExpression(open.repeat(300), null)).toHaveProperty('problem');
  });
});

/** Expressions as JavaScript itself understands them. */
const arithmetic = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom('a', 'b', 'c', '1', '2.5', '0.1'),
    fc
      .tuple(fc.constantFrom('+', '-', '*', '<', '<=', '>', '>=', '==', '!='), tie('node'), tie('node'))
      .map(([op, x, y]) => `(${x} ${op} ${y})`),
    fc.tuple(tie('node'), tie('node'), tie('node')).map(([x, y, z]) => `(${x} ? ${y} : ${z})`),
    fc.tuple(fc.constantFrom('abs', 'floor', 'ceil'), tie('node')).map(([name, x]) => `${name}(${x})`),
  ),
})).node;

it('computes as JavaScript does, where all is finite', () => {
  const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(arithmetic, value, value, value, (text, a, b, c) => {
      const code = text.replaceAll(/abs|floor|ceil/g, (name) => `Math.${name}`);
      // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- the oracle
      const expected = new Function('a', 'b', 'c', `return ${code};`)(a, b, c) as number | boolean;
      expect(evaluate(text, { a, b, c })).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
