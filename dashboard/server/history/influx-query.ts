import { MillraceError } from '../../../infra/errors.ts';

const timeoutMs = 15_000;
/** An answer of 5,000 points is under 1 MiB. */
const answerBytesMax = 32 * 2 ** 20;

export interface InfluxTarget {
  readonly url: string;
  readonly token?: string;
  /** 2.x: the name that DBRP mappings give to the buckets. */
  readonly database: string;
}

/** Rows of a statement's first series: its columns in order, times in microseconds. Empty without a series. */
export type InfluxRows = readonly (readonly (number | string | null)[])[];

interface Answer {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values?: InfluxRows }[];
  }[];
  readonly error?: string;
}

/**
 * Asks by InfluxQL on `/query`, which 1.x and 2.x both answer; statements are separated by `;`.
 * @throws STORAGE_UNAVAILABLE when InfluxDB cannot be reached or refuses.
 */
export async function queryInflux(target: InfluxTarget, statements: readonly string[]): Promise<readonly InfluxRows[]> {
  const url = new URL('/query', target.url);
  url.searchParams.set('db', target.database);
  url.searchParams.set('epoch', 'u');
  const body = new URLSearchParams({ q: statements.join('; ') });
  const headers: Record<string, string> = target.token ? { authorization: `Token ${target.token}` } : {};
  let answer: Answer;
  try {
    const response = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(timeoutMs) });
    const text = await boundedText(response);
    answer = parseAnswer(text, response.status);
    if (!response.ok) throw new Error(answer.error ?? `It answers ${response.status}.`);
  } catch (cause) {
    throw unavailable(cause);
  }
  const error = answer.error ?? answer.results?.find((result) => result.error !== undefined)?.error;
  if (error !== undefined) throw unavailable(new Error(error));
  return statements.map((_, index) => answer.results?.[index]?.series?.[0]?.values ?? []);
}

function parseAnswer(text: string, status: number): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch (cause) {
    throw new Error(`It answers ${status} with something that is no JSON.`, { cause });
  }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) throw new Error(`Its answer is larger than ${answerBytesMax} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function unavailable(cause: unknown): MillraceError {
  const { message, cause: inner } = cause as Error;
  const why = inner instanceof Error && inner.message !== '' ? inner.message : message;
  return new MillraceError(
    'STORAGE_UNAVAILABLE',
    `InfluxDB does not answer: ${why.replace(/\.$/, '')}. History is away until it does; readings wait in the log and alerts go on.`,
    { cause },
  );
}
