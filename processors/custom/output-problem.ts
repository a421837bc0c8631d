import { severities } from '../../events/alert.ts';
import type { FieldValue, Reading } from '../../events/reading.ts';
import { nameProblem } from '../decode/field-names.ts';
import { textProblem } from '../decode/text.ts';
import type { ProcessorOutput } from './context.ts';

/** Fields of one derived reading. */
const derivedFieldsMax = 256;
/** Characters of an alert's condition. */
const conditionCharsMax = 512;
/** Tags of the reading that an output is about. */
const tagsMax = 64;

/** Characters of its key, device, and each tag: more than any topic gives. */
const sourceTextCharsMax = 4_096;

const notOurs = 'it emitted something other than what ctx.derive and ctx.alert return';

/** What is wrong with what a processor emitted, as a sentence; null when nothing is. */
export function outputProblem(output: ProcessorOutput): string | null {
  if (typeof output?.source !== 'object' || output.source === null) return notOurs;
  const wrongSource = sourceProblem(output.source);
  if (wrongSource !== null) return wrongSource;
  switch (output.kind) {
    case 'derived':
      return fieldsProblem(output.fields);
    case 'alert':
      if (!Number.isFinite(output.value)) return `an alert's value is ${output.value}`;
      if (!Number.isFinite(output.threshold)) return `an alert's threshold is ${output.threshold}`;
      if (!severities.includes(output.severity)) return `an alert's severity is ${JSON.stringify(output.severity)}`;
      if (typeof output.condition !== 'string' || output.condition.length > conditionCharsMax)
        return `an alert's condition is not a text of at most ${conditionCharsMax} characters`;
      return typeof output.field === 'string'
        ? (nameProblem(output.field)?.detail ?? null)
        : "an alert's field is no text";
    default:
      return notOurs;
  }
}

/** A processor may hand on a reading of its own making; what follows takes only what a reading can be. */
function sourceProblem({ key, device, timeUs, tags }: Reading): string | null {
  const isText = (value: unknown) => typeof value === 'string' && value.length <= sourceTextCharsMax;
  if (!isText(key) || !isText(device)) return "the key or device of an output's source is no text, or too long";
  if (!Number.isSafeInteger(timeUs)) return `the time of an output's source is ${timeUs}, not whole microseconds`;
  if (typeof tags !== 'object' || tags === null) return "the tags of an output's source are missing";
  const values = Object.entries(tags);
  if (values.length > tagsMax || !values.every(([name, value]) => isText(name) && isText(value)))
    return "the tags of an output's source are not texts, too long or too many";
  return null;
}

function fieldsProblem(fields: Readonly<Record<string, FieldValue>>): string | null {
  if (typeof fields !== 'object' || fields === null) return notOurs;
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
