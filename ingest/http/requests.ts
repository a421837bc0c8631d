import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientRates } from '../client-rates.ts';
import { peerOf } from '../peer.ts';
import type { Refusals } from '../refusals.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import { errorAnswer, RequestRefused, type Answer, type Dialect } from './answer.ts';
import { drain, readBody } from './body.ts';
import type { HttpCounts } from './counts.ts';
import { headerOf } from './header.ts';
import { health, influxVersion, ping, answerQuery } from './influx-info.ts';
import { upgradeAllowed } from './origin.ts';
import { reasonOf } from './refusal-reason.ts';
import { SenderRates } from './sender-rates.ts';
import { answerWrite, identify, type Caller, type WriteOptions } from './write-request.ts';
import type { WriteRoute } from './write-routes.ts';

export interface RequestOptions extends Omit<WriteOptions, 'admission' | 'rates'> {
  /** The configured address the server listens on. */
  readonly host: string;
  readonly routes: readonly WriteRoute[];
  readonly admission: AdmissionLimits;
  /** What one sender may bring. */
  readonly senderLimits: Pick<ClientRates, 'messagesPerSecond' | 'bytesPerSecond'>;
  readonly refusals: Refusals;
  readonly counts: HttpCounts;
  onError(error: unknown): void;
}

/** What a path leads to. */
interface Found {
  readonly name: string;
  readonly methods: readonly string[];
  readonly dialect: Dialect;
  answer(request: IncomingMessage, query: URLSearchParams, caller: Caller): Promise<Answer>;
}

/** A form with a query in it. */
const formBytesMax = 64 * 1024;

const front = `This is the port where sensors come in:
  MQTT over WebSocket at /mqtt
  POST /api/v1/readings
  POST /write?db=... and /api/v2/write?bucket=... with InfluxDB's line protocol
`;

/** Answers the requests of ingest's HTTP port; what they bring is in the log before they are answered. */
export function createRequestHandler(
  options: RequestOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { refusals, counts, onError } = options;
  const admission = new Admission(options.admission);
  const paths = pathsOf(options, admission);

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { path, query } = split(request.url ?? '/');
    const found = paths.get(path);
    if (found === undefined) {
      counts.count('other', 404);
      return send(request, response, { status: 404, body: front });
    }
    let answer: Answer;
    const { address } = peerOf(request.socket);
    const caller: Caller = { address, who: address };
    try {
      if (!found.methods.includes(request.method ?? ''))
        throw new RequestRefused(405, 'method', `${path} takes ${found.methods.join(' and ')}`, {
          allow: found.methods.join(', '),
        });
      refuseForeignPages(request, options.host);
      answer = await found.answer(request, query, caller);
    } catch (error) {
      if (!(error instanceof RequestRefused)) {
        counts.count(found.name, 0);
        if (!request.destroyed) onError(error);
        return void response.destroy();
      }
      refusals.count(reasonOf(error), caller.who);
      answer = errorAnswer(error, found.dialect);
    }
    counts.count(found.name, answer.status);
    await send(request, response, answer, found.dialect);
  };
  return (request, response) => void handle(request, response).catch(onError);
}

function pathsOf(options: RequestOptions, admission: Admission): ReadonlyMap<string, Found> {
  const rates = new SenderRates(options.senderLimits);
  const writes = options.routes.map((route): [string, Found] => [
    route.path,
    {
      name: route.path,
      methods: ['POST'],
      dialect: route.dialect,
      answer: (request, query, caller) => answerWrite(request, query, route, caller, { ...options, admission, rates }),
    },
  ]);
  const info: readonly [string, Found][] = [
    [
      '/ping',
      { name: '/ping', methods: ['GET', 'HEAD'], dialect: 'influx-1', answer: async (_, query) => ping(query) },
    ],
    [
      '/health',
      {
        name: '/health',
        methods: ['GET', 'HEAD'],
        dialect: 'influx-2',
        answer: async () => health(options.store.writable()),
      },
    ],
    [
      '/query',
      {
        name: '/query',
        methods: ['GET', 'POST'],
        dialect: 'influx-1',
        answer: async (request, query) => {
          await identify(request, query, options.access, 'influx-1');
          if (request.method === 'GET' || query.has('q')) return answerQuery(query.get('q'));
          const place = admission.admit();
          try {
            const form = new URLSearchParams((await readBody(request, formBytesMax, place)).toString());
            return answerQuery(form.get('q'));
          } finally {
            place.release();
          }
        },
      },
    ],
  ];
  return new Map([...writes, ...info]);
}

/** A browser names the page that sends; programs do not. No page elsewhere writes here, whatever its user may do. */
function refuseForeignPages(request: IncomingMessage, host: string): void {
  const { origin } = request.headers;
  const site = headerOf(request, 'sec-fetch-site');
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (isForeign || (origin !== undefined && !upgradeAllowed(request.headers, host)))
    throw new RequestRefused(403, 'origin', `pages of ${origin ?? 'other sites'} may not send here`);
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
  dialect: Dialect = 'millrace',
): Promise<void> {
  const isRead = await drain(request);
  if (response.destroyed) return;
  const isText = typeof body === 'string';
  const text = body === undefined ? '' : isText ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    ...(dialect === 'millrace' ? {} : { 'x-influxdb-version': influxVersion, 'x-influxdb-build': 'Millrace' }),
    ...(text === '' ? {} : { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json' }),
    ...(status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    'x-content-type-options': 'nosniff',
    ...headers,
    ...(isRead ? {} : { connection: 'close' }),
  });
  response.end(text);
}

function split(url: string): { path: string; query: URLSearchParams } {
  const at = url.indexOf('?');
  const path = (at < 0 ? url : url.slice(0, at)).replace(/(?<=.)\/$/, '');
  return { path, query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)) };
}
