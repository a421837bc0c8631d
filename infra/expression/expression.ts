import jsep from 'jsep';
import { suggestion } from '../config/nearest-name.ts';
import { functions } from './functions.ts';
import { sourceOf } from './source.ts';
import * as values from './values.ts';
import type { Evaluate, Fields, Value } from './values.ts';

/** Characters of an expression. */
export const expressionCharsMax = 1_024;
/** Levels of operators and calls within each other. */
export const expressionDepthMax = 32;

export interface Expression {
  /** The result for a reading's fields: undefined when a field is missing, NaN when it is not a finite number. */
  readonly evaluate: (fields: Fields) => Value;
  /** Fields that it looks at. */
  readonly fields: readonly string[];
}

/** Why an expression cannot be, as a sentence. */
export interface ExpressionProblem {
  readonly problem: string;
}

/** A part that is compiled; of a constant the value is known. */
interface Part {
  readonly evaluate: Evaluate;
  readonly constant: Value;
}

class Refused extends Error {}

/**
 * Compiles an expression over a reading's fields to closures: numbers, booleans, texts in comparisons; `+ - * / %`,
 * comparisons, `&& || !`, `a ? b : c` and the functions of functions.ts. There are no properties, methods, assignments
 * or loops: it ends, and reaches nothing but the fields. A name with dots is the field of a nested object.
 *
 * @param known names that fields may have; null: any
 * @param hint said of a name that is not among them
 */
export function compileExpression(
  text: string,
  known: readonly string[] | null,
  hint = '',
): Expression | ExpressionProblem {
  if (text.length > expressionCharsMax)
    return { problem: `has ${text.length} characters, at most ${expressionCharsMax} are taken` };
  try {
    const compiler = new Compiler(text, known, hint);
    const { evaluate } = compiler.part(parse(text), 1);
    return { evaluate, fields: [...compiler.fields] };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.message };
    throw error;
  }
}

function parse(text: string): jsep.Expression {
  try {
    return jsep(text);
  } catch (cause) {
    const { description, index } = cause as { description?: string; index?: number };
    const what = (description ?? (cause as Error).message).replace(/\.$/, '');
    throw new Refused(`does not parse: ${what} at character ${(index ?? 0) + 1}`, { cause });
  }
}

/** What people write from habit, and how it is written here. */
const instead: Readonly<Record<string, string>> = { '===': '==', '!==': '!=', '**': 'pow(a, b)', '^': 'pow(a, b)' };

const functionNames = [...functions.keys(), 'if', 'field'];

class Compiler {
  readonly fields = new Set<string>();
  readonly #text: string;
  readonly #known: readonly string[] | null;
  readonly #hint: string;

  constructor(text: string, known: readonly string[] | null, hint: string) {
    this.#text = text;
    this.#known = known;
    this.#hint = hint;
  }

  part(node: jsep.Expression, depth: number): Part {
    if (depth > expressionDepthMax) throw new Refused(`is nested deeper than ${expressionDepthMax}`);
    const within = (child: jsep.Expression) => this.part(child, depth + 1);
    const known = node as jsep.CoreExpression;
    switch (known.type) {
      case 'Literal':
        return literal(known);
      case 'Identifier':
      case 'MemberExpression':
        return this.#field(dottedName(known));
      case 'UnaryExpression':
        return this.#unary(known, within(known.argument));
      case 'BinaryExpression':
        return this.#binary(known, within(known.left), within(known.right));
      case 'ConditionalExpression': {
        const parts = [known.test, known.consequent, known.alternate].map(within);
        return folded(known, parts, choiceOf(parts));
      }
      case 'CallExpression':
        return this.#call(known, within);
      case 'Compound':
        throw new Refused(known.body.length === 0 ? 'is empty' : 'is more than one expression: an operator is missing');
      default:
        throw new Refused(`${sourceOf(node)} is nothing that an expression may hold`);
    }
  }

  #field(name: string): Part {
    if (this.#known !== null && !this.#known.includes(name)) {
      const isFunction = functionNames.includes(name) ? '; functions are called with ( )' : '';
      const near = suggestion(name, this.#known);
      throw new Refused(`names an unknown field: "${name}"${this.#place(name)}${near}${isFunction}${this.#hint}`);
    }
    this.fields.add(name);
    return { evaluate: (fields) => (Object.hasOwn(fields, name) ? fields[name] : undefined), constant: undefined };
  }

  #unary(node: jsep.UnaryExpression, argument: Part): Part {
    const { operator } = node;
    const evaluate = { '-': values.negative, '+': values.positive, '!': values.not }[operator];
    if (evaluate === undefined) throw new Refused(`has an operator that is not known: ${operator}`);
    return folded(node, [argument], evaluate(argument.evaluate));
  }

  #binary(node: jsep.BinaryExpression, left: Part, right: Part): Part {
    const { operator } = node;
    const evaluate = values.binary(operator, left.evaluate, right.evaluate);
    if (evaluate === null) {
      const better = instead[operator] === undefined ? '' : ` (write ${instead[operator]})`;
      throw new Refused(`has an operator that is not known: ${operator} in ${sourceOf(node)}${better}`);
    }
    if ((operator === '/' || operator === '%') && Number(right.constant) === 0)
      throw new Refused(`divides by zero: ${sourceOf(node)}`);
    return folded(node, [left, right], evaluate);
  }

  #call(node: jsep.CallExpression, within: (child: jsep.Expression) => Part): Part {
    const { arguments: given } = node;
    const callee = node.callee as jsep.CoreExpression;
    if (callee.type !== 'Identifier') throw new Refused(`calls ${sourceOf(callee)}, which is no function`);
    const { name } = callee;
    if (name === 'field') {
      const only = given[0] as jsep.CoreExpression | undefined;
      if (given.length !== 1 || only?.type !== 'Literal' || typeof only.value !== 'string')
        throw new Refused('field takes one text: field("oil-temperature")');
      return this.#field(only.value);
    }
    const known = name === 'if' ? { least: 3, most: 3, apply: null } : functions.get(name);
    if (known === undefined)
      throw new Refused(
        `calls an unknown function: "${name}"${this.#place(name)}${suggestion(name, functionNames) || `; known: ${functionNames.join(', ')}`}`,
      );
    const { least, most, apply } = known;
    if (given.length < least || given.length > most) {
      const wanted = least === most ? `${least}` : `${least} to ${most}`;
      throw new Refused(`${name} takes ${wanted} values, is given ${given.length}: ${sourceOf(node)}`);
    }
    const parts = given.map(within);
    const evaluate =
      apply === null
        ? choiceOf(parts)
        : values.call(
            apply,
            parts.map((part) => part.evaluate),
          );
    return folded(node, parts, evaluate);
  }

  /** Where a name stands in the text. */
  #place(name: string): string {
    const at = this.#text.indexOf(name);
    return at < 0 ? '' : ` at character ${at + 1}`;
  }
}

/** What depends on no field is computed once, and must be something. */
function folded(node: jsep.Expression, parts: readonly Part[], evaluate: Evaluate): Part {
  if (parts.some(({ constant }) => constant === undefined)) return { evaluate, constant: undefined };
  const constant = evaluate({});
  if (constant === undefined) throw new Refused(`${sourceOf(node)} computes with a text`);
  if (Number.isNaN(constant)) throw new Refused(`${sourceOf(node)} is not a finite number`);
  return { evaluate: () => constant, constant };
}

function literal({ value, raw }: jsep.Literal): Part {
  if (typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return { evaluate: () => value, constant: value };
  throw new Refused(`${raw} is no value that a field can have`);
}

/** `motor.speed`: the name of the field, not a property. */
function dottedName(node: jsep.Expression): string {
  const known = node as jsep.CoreExpression;
  if (known.type === 'Identifier') return known.name;
  if (known.type !== 'MemberExpression' || known.computed || known.optional === true)
    throw new Refused(`${sourceOf(node)} is nothing that an expression may hold; there are no properties`);
  return `${dottedName(known.object)}.${dottedName(known.property)}`;
}

function choiceOf([condition, then, otherwise]: readonly Part[]): Evaluate {
  return values.choice(condition!.evaluate, then!.evaluate, otherwise!.evaluate);
}
