import type { IncomingMessage } from 'node:http';

/** A header of a request; of several with that name all, as one. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
