import { refuse, type Refusal } from './refusal.ts';

/** Where a value stands and JSON has no word for it: many sensors write NaN all the same. */
const notFinite = /([:[,]\s*)[-+]?(?:nan|inf|infinity)(?=\s*[,\]}])/gi;

/** Parses a payload. Text that would be JSON but for NaN or Infinity is refused as `not-finite`, else `not-json`. */
export function parseJson(text: string): { readonly value: unknown } | Refusal {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (text.trim() === '') return refuse('not-json', 'the payload is empty');
    if (isJson(text.replaceAll(notFinite, '$1null'))) return refuse('not-finite', 'a value is NaN or infinite');
    return refuse('not-json', `the payload is not valid JSON: ${error.message.slice(0, 160)}`);
  }
}

/** Whether a text is valid JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
