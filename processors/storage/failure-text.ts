import { HttpError } from '@influxdata/influxdb-client';

/** Characters of a server's words that are passed on: it repeats whole lines. */
const textMax = 300;

/** A failed request in words: the server's own, or what the network said. */
export function failureText(cause: unknown): string {
  if (cause instanceof HttpError) return `${cause.statusCode}: ${shorten(serverWords(cause))}`;
  if (!(cause instanceof Error)) return shorten(String(cause));
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') return 'no answer in time';
  const code = (cause as NodeJS.ErrnoException).code;
  return shorten(cause.message === '' && code !== undefined ? code : cause.message);
}

function serverWords({ body, json, message }: HttpError): string {
  const words: unknown = (json as { error?: unknown; message?: unknown } | undefined)?.error;
  return typeof words === 'string' ? words : (body ?? message).trim();
}

function shorten(text: string): string {
  return text.length > textMax ? `${text.slice(0, textMax)}…` : text;
}
