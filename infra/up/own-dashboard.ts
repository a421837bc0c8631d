import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Config } from '../config/schema.ts';
import { reachable } from './ports.ts';

/** Where the dashboard of this configuration is, for a client on this machine. */
export function dashboardUrl({ http, tls }: Config): string {
  return `${tls ? 'https' : 'http'}://${reachable(http.host)}:${http.port}`;
}

/**
 * Asks the dashboard that this process has started. Its certificate is for the names that others call it by: it is not
 * checked here: the port is bound by our child, and the token in `headers` is of this run alone. Rejects when nobody
 * answers in time.
 */
export function askDashboard(
  url: string,
  timeoutMs: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const take = (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    };
    const asked = url.startsWith('https:')
      ? requestHttps(url, { signal, headers, rejectUnauthorized: false }, take)
      : requestHttp(url, { signal, headers }, take);
    asked.on('error', reject).end();
  });
}
