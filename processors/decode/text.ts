import { isUtf8 } from 'node:buffer';
import { quote, refuse, type Refusal } from './refusal.ts';

/** Bytes of a text value. */
export const textBytesMax = 1024;

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const badText = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** What is wrong with the text value of a field; null when nothing is. Tabs and line breaks are taken. */
export function textProblem(name: string, value: string): Refusal | null {
  const bytes = Buffer.byteLength(value);
  if (bytes > textBytesMax) {
    return refuse('bad-text', `${quote(name)} is a text of ${bytes} bytes, at most ${textBytesMax} are taken`);
  }
  if (badText.test(value) || !value.isWellFormed()) {
    return refuse('bad-text', `${quote(name)} is a text with control characters or invalid Unicode`);
  }
  return null;
}

/** A payload as text without its byte order mark; null when it is not valid UTF-8. */
export function decodeUtf8(payload: Uint8Array): string | null {
  const bytes = Buffer.isBuffer(payload)
    ? payload
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const text = bytes.toString('utf8');
  // Invalid bytes become U+FFFD, which a payload may also hold rightly.
  if (text.includes('\ufffd') && !isUtf8(bytes)) return null;
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
