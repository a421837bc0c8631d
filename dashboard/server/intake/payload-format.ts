import type { PayloadFormat } from '../../../events/topics.ts';

/** A measurement with tags and a field, as line protocol begins. */
const linePattern = /^[^\s,={}[\]"]+(?:,[^\s,=]+=[^\s,=]+)+ [^\s,=]+=\S/;
/** A first record of SenML: a name or base name, and a value of one of its labels. */
const recordPattern = /^\[\s*\{(?=[^}]*"b?n"\s*:)(?=[^}]*"(?:v|vs|vb|vd|s|bt|bv)"\s*:)/;

/** Which format would decode a payload of which these are the first bytes; null when none would. */
export function payloadFormat(firstBytes: Uint8Array, complete: boolean): PayloadFormat | null {
  let text: string;
  try {
    // A cut inside a character is no fault of the payload.
    text = new TextDecoder('utf-8', { fatal: true }).decode(firstBytes, { stream: !complete });
  } catch {
    return null;
  }
  const trimmed = text.trim();
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (trimmed === '' || /[\u0000-\u0008\u000e-\u001f]/.test(trimmed)) return null;
  if (linePattern.test(trimmed)) return 'line-protocol';
  // A list of objects is as many readings; of numbers none.
  const isList = trimmed.startsWith('[');
  if (isList && !/^\[\s*\{/.test(trimmed)) return null;
  if (!isList && !trimmed.startsWith('{')) return complete ? 'value' : null;
  const format = isList && recordPattern.test(trimmed) ? 'senml-json' : 'json';
  if (!complete) return format;
  try {
    JSON.parse(trimmed);
    return format;
  } catch {
    return null;
  }
}
