import { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import type { Transport } from '@influxdata/influxdb-client';
import type { Policy } from './retention.ts';

export interface InfluxOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** Organization, 2.x only. */
  readonly org: string;
  /** Database of 1.x; 2.x: its policies are buckets `<bucket>/<policy>`. */
  readonly bucket: string;
  /** How long one request may take, ms. */
  readonly timeoutMs?: number;
}

/** Generation of the server, which decides the paths. */
export type Generation = 1 | 2;

/** Requests to one InfluxDB through the official client's transport: no buffer and no retry of its own. */
export interface InfluxConnection extends InfluxOptions {
  /**
   * Sends one request and waits for the whole answer.
   * @throws HttpError with the server's status, or a network error; AbortError when `signal` aborts.
   */
  send(method: 'GET' | 'POST', path: string, body: string | object, signal: AbortSignal): Promise<unknown>;
  /** Asks the server what it is. @throws like `send`, or RangeError for a generation that is not known. */
  generation(signal: AbortSignal): Promise<Generation>;
  writePath(generation: Generation, policy: Policy): string;
}

/** InfluxDB itself gives up on a write after 10 s. */
export const requestTimeoutMs = 15_000;

export function connectInflux(options: InfluxOptions): InfluxConnection {
  const timeoutMs = options.timeoutMs ?? requestTimeoutMs;
  // The client's own timeout leaves the socket open, so each request carries a signal that ends it.
  const { transport } = new InfluxDB({ url: options.url, token: options.token, timeout: timeoutMs + 1_000 });
  const request = async (
    method: string,
    path: string,
    body: string | object,
    signal: AbortSignal,
    onHeaders?: Headers,
  ): Promise<unknown> => {
    signal.throwIfAborted();
    // Not AbortSignal.timeout: that would keep the body until its time, 80 MiB at 40,000 readings/s.
    const ended = new AbortController();
    const abort = () => ended.abort(signal.reason);
    const timer = setTimeout(() => ended.abort(new DOMException('No answer in time.', 'TimeoutError')), timeoutMs);
    signal.addEventListener('abort', abort);
    const headers = { 'content-type': contentType(path, body), 'accept-encoding': 'identity' };
    try {
      return await transport.request(path, body, { method, headers, signal: ended.signal }, onHeaders);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  };
  return {
    ...options,
    send: (method, path, body, signal) => request(method, path, body, signal),
    async generation(signal) {
      let version = '';
      await request('GET', '/ping', '', signal, (headers) => (version = String(headers['x-influxdb-version'] ?? '')));
      if (version === '') version = await healthVersion(request, signal);
      const major = /^v?(\d+)\./.exec(version)?.[1];
      if (major === '1') return 1;
      if (major === '2') return 2;
      throw new RangeError(`the server at ${options.url} calls itself version "${version}"; 1.x and 2.x are known`);
    },
    writePath(generation, policy) {
      const { org, bucket } = options;
      const query: Record<string, string> =
        generation === 1
          ? { db: bucket, rp: policy, precision: 'ns' }
          : { org, bucket: `${bucket}/${policy}`, precision: 'ns' };
      return `${generation === 1 ? '/write' : '/api/v2/write'}?${new URLSearchParams(query)}`;
    },
  };
}

type Headers = NonNullable<Parameters<Transport['request']>[3]>;
type Request = (method: string, path: string, body: string | object, signal: AbortSignal) => Promise<unknown>;

/** Some proxies drop the header of `/ping`; 2.x also says its version here. */
async function healthVersion(request: Request, signal: AbortSignal): Promise<string> {
  try {
    const health = await request('GET', '/health', '', signal);
    const version: unknown = (health as { version?: unknown } | undefined)?.version;
    return typeof version === 'string' ? version : '';
  } catch (cause) {
    // 1.x before 1.8 has no such path.
    if (cause instanceof HttpError && cause.statusCode === 404) return '1.x';
    throw cause;
  }
}

function contentType(path: string, body: string | object): string {
  if (typeof body === 'object') return 'application/json';
  return path.startsWith('/query') ? 'application/x-www-form-urlencoded' : 'text/plain; charset=utf-8';
}
