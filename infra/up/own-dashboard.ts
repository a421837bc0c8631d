import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Config } from '../config/schema.ts';
import { reachable } from './ports.ts';

/** Where the dashboard of this configuration is, for a client on this machine. */
export function dashboardUrl({ http, tls }: Config): string {
  return `${tls ? 'https' : 'http'}://${reachable(http.host)}:${http.port}`;
}

export interface DashboardRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** It is somebody else's: its certificate has to be valid for the name in the URL. */
  readonly isElsewhere?: boolean;
}

/**
 * Asks the dashboard of this machine's own Millrace. Its certificate is for the names that others call it by: it is not
 * checked here, unless it is elsewhere: the port is on this machine. Rejects when nobody answers in time.
 */
export function askDashboard(
  url: string,
  timeoutMs: number,
  { method = 'GET', headers = {}, body, isElsewhere = false }: DashboardRequest = {},
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
      ? requestHttps(url, { signal, method, headers, rejectUnauthorized: isElsewhere }, take)
      : requestHttp(url, { signal, method, headers }, take);
    asked.on('error', reject).end(body);
  });
}
