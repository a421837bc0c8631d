/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or text as it is. */
  readonly body?: object | string;
}

/** Whose clients a route serves: how an error looks to them. */
export type Dialect = 'millrace' | 'influx-1' | 'influx-2';

/** Why a request is refused, in words of the API: `code` for programs, the message for people. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Come again: nothing is wrong with the request. @param afterS seconds after which the client may try again */
export function comeAgain(status: 429 | 503, code: string, message: string, afterS = 1): RequestRefused {
  return new RequestRefused(status, code, message, { 'retry-after': String(afterS) });
}

/** Codes of InfluxDB 2 (`influxdata/influxdb` v2 `http/api/errors`), by status. */
const influx2Codes: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  405: 'method not allowed',
  408: 'invalid',
  413: 'request too large',
  429: 'too many requests',
  503: 'unavailable',
};

/** An error as the clients of that API expect it. */
export function errorAnswer({ status, code, message, headers }: RequestRefused, dialect: Dialect): Answer {
  switch (dialect) {
    case 'millrace':
      return { status, headers, body: { error: code, message } };
    case 'influx-1':
      return { status, headers: { ...headers, 'x-influxdb-error': headerText(message) }, body: { error: message } };
    case 'influx-2':
      return { status, headers, body: { code: influx2Codes[status] ?? 'internal error', message } };
  }
}

/** Without what may not stand in a header. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 512);
}
