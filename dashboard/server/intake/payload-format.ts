import type { PayloadFormat } from '../../../events/topics.ts';

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
  if (trimmed.startsWith('[')) return null;
  if (!trimmed.startsWith('{')) return complete ? 'value' : null;
  if (!complete) return 'json';
  try {
    JSON.parse(trimmed);
    return 'json';
  } catch {
    return null;
  }
}
