import { severities } from '../../events/alert.ts';
import type { FieldValue } from '../../events/reading.ts';
import { nameProblem } from '../decode/field-names.ts';
import { textProblem } from '../decode/text.ts';
import type { ProcessorOutput } from './context.ts';

/** Fields of one derived reading. */
const derivedFieldsMax = 256;

const notOurs = 'it emitted something other than what ctx.derive and ctx.alert return';

/** What is wrong with what a processor emitted, as a sentence; null when nothing is. */
export function outputProblem(output: ProcessorOutput): string | null {
  if (typeof output?.source?.key !== 'string') return notOurs;
  switch (output.kind) {
    case 'derived':
      return fieldsProblem(output.fields);
    case 'alert':
      if (!Number.isFinite(output.value)) return `an alert's value is ${output.value}`;
      if (!Number.isFinite(output.threshold)) return `an alert's threshold is ${output.threshold}`;
      if (!severities.includes(output.severity)) return `an alert's severity is ${JSON.stringify(output.severity)}`;
      return nameProblem(output.field)?.detail ?? null;
    default:
      return notOurs;
  }
}

function fieldsProblem(fields: Readonly<Record<string, FieldValue>>): string | null {
  const names = Object.keys(fields);
  if (names.length === 0) return 'a derived reading has no fields';
  if (names.length > derivedFieldsMax) return `a derived reading has more than ${derivedFieldsMax} fields`;
  for (const name of names) {
    const problem = nameProblem(name)?.detail ?? valueProblem(name, fields[name]);
    if (problem !== null) return problem;
  }
  return null;
}

function valueProblem(name: string, value: unknown): string | null {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? null : `field ${name} is ${value}`;
    case 'string':
      return textProblem(name, value)?.detail ?? null;
    case 'boolean':
      return null;
    default:
      return `field ${name} is of type ${typeof value}`;
  }
}
