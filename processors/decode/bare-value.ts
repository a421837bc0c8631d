import type { FieldValue } from '../../events/reading.ts';
import { isJson } from './json-text.ts';
import { refuse, type Refusal } from './refusal.ts';
import { textProblem } from './text.ts';

const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const notFinite = /^[-+]?(?:nan|inf|infinity)$/i;

/** A payload that is the value of one field: `true`, `false`, a decimal number, else text. Space around it does not count. */
export function decodeBareValue(payload: string, field: string): FieldValue | Refusal {
  const text = payload.trim();
  if (number.test(text)) {
    const value = Number(text);
    // + 0: minus zero is zero, as it is for everybody after MessagePack and JSON.
    return Number.isFinite(value) ? value + 0 : refuse('not-finite', 'the value is beyond the range of a double');
  }
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === '') return refuse('no-fields', 'the payload is empty');
  if (notFinite.test(text)) return refuse('not-finite', `the value is ${text}`);
  if ((text.startsWith('{') || text.startsWith('[')) && isJson(text)) {
    return refuse(
      'wrong-shape',
      'the payload is a JSON object or array; a template of format "value" takes a bare value',
    );
  }
  return textProblem(field, text) ?? text;
}
