import { HttpError } from '@influxdata/influxdb-client';
import { failureText } from './failure-text.ts';
import type { Generation, InfluxConnection } from './influx-connection.ts';
import type { Policy } from './retention.ts';

/** What became of one batch. */
export type WriteOutcome =
  /** Answered: every line is stored except the refused ones. Indices are those of the batch. */
  | { readonly kind: 'answered'; readonly refused: readonly RefusedLine[] }
  /** Not answered, or not for this reason: the batch stays in hand and is written again. Writing twice changes nothing. */
  | { readonly kind: 'unavailable'; readonly error: string };

export interface RefusedLine {
  readonly index: number;
  /** Why, in the server's words, shortened. */
  readonly detail: string;
}

/**
 * Writes lines and finds out which of them the server refuses: it names only the first, so a refused batch is halved
 * until the bad lines stand alone. A batch with k of n bad lines costs about k log2(n) requests.
 */
export async function writeLines(
  connection: InfluxConnection,
  target: { readonly generation: Generation; readonly policy: Policy },
  lines: readonly string[],
  signal: AbortSignal,
  confirmed?: () => Promise<void>,
): Promise<WriteOutcome> {
  const path = connection.writePath(target.generation, target.policy);
  const refused: RefusedLine[] = [];
  // Ranges still to be written, last one first.
  const ranges: [from: number, to: number][] = [[0, lines.length]];
  while (ranges.length > 0) {
    const [from, to] = ranges.pop()!;
    await confirmed?.();
    const answer = await writeOnce(connection, path, lines.slice(from, to).join('\n'), signal);
    if (answer.kind === 'unavailable') return answer;
    if (answer.kind === 'stored') continue;
    if (to - from === 1 || answer.dropped === to - from) {
      for (let index = from; index < to; index++) refused.push({ index, detail: answer.detail });
      continue;
    }
    const middle = from + Math.ceil((to - from) / 2);
    ranges.push([middle, to], [from, middle]);
  }
  return { kind: 'answered', refused };
}

type Answer =
  | { readonly kind: 'stored' }
  /** `dropped`: how many lines the server says it refused, 0 if it does not say. */
  | { readonly kind: 'refused'; readonly detail: string; readonly dropped: number }
  | { readonly kind: 'unavailable'; readonly error: string };

async function writeOnce(
  connection: InfluxConnection,
  path: string,
  body: string,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    await connection.send('POST', path, body, signal);
    return { kind: 'stored' };
  } catch (cause) {
    const detail = failureText(cause);
    // 400: partial write or a line it cannot parse; 413: larger than it takes; 422: 2.x, outside the retention.
    if (cause instanceof HttpError && [400, 413, 422].includes(cause.statusCode))
      return { kind: 'refused', detail, dropped: Number(/dropped=(\d+)/.exec(cause.body ?? '')?.[1] ?? 0) };
    return { kind: 'unavailable', error: detail };
  }
}
