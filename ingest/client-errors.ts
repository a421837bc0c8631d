import { Refused } from './connect-gate.ts';
import type { RefusalReason } from './refusals.ts';

/** What aedes says, and the reason it stands for. */
const sayings: readonly (readonly [RegExp, RefusalReason])[] = [
  [/^connect did not arrive in time/, 'connect-late'],
  [/^[#+] is not allowed in PUBLISH/, 'wildcard-topic'],
  [/^empty topic/, 'bad-topic'],
  [/^topic has too many levels/, 'bad-topic'],
  [/SUBSCRIBE/, 'bad-filter'],
  [/^drain timeout/, 'slow-subscriber'],
];

/** Under which reason an error of a client counts; null when it is none of the client's or is counted already. */
export function refusalOf(error: Error & { code?: unknown; errorCode?: unknown }): RefusalReason | null {
  // Refused by a gate; or a CONNECT answered with a return code, which a gate decided; or a network error.
  if (error instanceof Refused || error.errorCode !== undefined || error.code !== undefined) return null;
  if (error.message === 'connection closed') return null;
  return sayings.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'protocol';
}
