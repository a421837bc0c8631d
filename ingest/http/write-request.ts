import type { IncomingMessage } from 'node:http';
import { traceContext } from '../../events/trace-context.ts';
import type { Access, Identity } from '../access/identity.ts';
import type { Admission } from './admission.ts';
import { RequestRefused, type Answer, type Dialect } from './answer.ts';
import { readBody } from './body.ts';
import { presentedBy } from './credentials.ts';
import { headerOf } from './header.ts';
import { senderOf } from './sender.ts';
import type { SenderRates } from './sender-rates.ts';
import { closedBecause, store, type StoreOptions } from './store.ts';
import type { WriteRoute } from './write-routes.ts';

export interface WriteOptions {
  readonly access: Access;
  readonly admission: Admission;
  readonly rates: SenderRates;
  readonly store: StoreOptions;
  /** Bytes of one body, unpacked. */
  readonly bodyBytesMax: number;
}

/** Whom a refusal is counted and logged for: the address, and from when it is known the sender as the log names it. */
export interface Caller {
  readonly address: string;
  who: string;
}

/** Identified, checked, read, in the log, answered; in this order. */
export async function answerWrite(
  request: IncomingMessage,
  query: URLSearchParams,
  route: WriteRoute,
  caller: Caller,
  options: WriteOptions,
): Promise<Answer> {
  try {
    return await write(request, query, route, caller, options);
  } catch (error) {
    // Telegraf's output for InfluxDB 1 drops what is answered with any 4xx, and sends again after 5xx.
    if (route.dialect === 'influx-1' && error instanceof RequestRefused && error.status === 429)
      throw new RequestRefused(503, error.code, error.message, error.headers);
    throw error;
  }
}

async function write(
  request: IncomingMessage,
  query: URLSearchParams,
  route: WriteRoute,
  caller: Caller,
  options: WriteOptions,
): Promise<Answer> {
  const identity = await identify(request, query, options.access, route.dialect);
  if (identity.kind !== 'anonymous') caller.who = `http/${identity.name}`;
  route.check(query);
  const sender = senderOf(identity, headerOf(request, 'idempotency-key'));
  const closed = closedBecause(options.store);
  if (closed !== null) throw closed;

  const { bodyBytesMax } = options;
  const rate = options.rates.of(identity, caller.address, performance.now());
  rate.begin(Math.min(Number(request.headers['content-length'] ?? 0), bodyBytesMax), performance.now());
  const place = options.admission.admit();
  let settled: Promise<void> | null = null;
  try {
    const body = await readBody(request, bodyBytesMax, place);
    rate.came(body.length);
    const publishes = route.publishes({ query, body });
    const foreign = publishes.find(({ topic }) => !options.access.mayPublish(identity, topic));
    if (foreign !== undefined)
      throw new RequestRefused(403, 'forbidden-topic', `${identity.name} may not publish to ${foreign.topic}`);
    const command = publishes.find(({ topic }) => options.store.isCommandTopic(topic));
    if (command !== undefined)
      throw new RequestRefused(
        403,
        'command-topic',
        `${command.topic} is a topic of commands: send them by POST /api/v1/devices/<key>/commands of the dashboard`,
      );
    rate.send(publishes.length, performance.now());
    const trace = traceContext(headerOf(request, 'traceparent'), headerOf(request, 'tracestate'));
    const sent = store(publishes, sender, trace, options.store);
    ({ settled } = sent);
    await sent.stored;
    return route.stored(publishes.length);
  } finally {
    // What waits for the log is held until it is stored, also when nobody waits for the answer any more.
    if (settled === null) place.release();
    else void settled.then(() => place.release());
  }
}

/** InfluxDB's own words where its clients ask. */
const refusals: Record<Dialect, string> = {
  'influx-1': 'authorization failed',
  'influx-2': 'unauthorized access',
  millrace:
    'no valid credential: Authorization has to be Basic with name and secret, or Bearer with the secret or a token',
};

/** @throws RequestRefused 401 */
export async function identify(
  request: IncomingMessage,
  query: URLSearchParams,
  access: Access,
  dialect: Dialect,
): Promise<Identity> {
  const identity = await access.identify(presentedBy(request, query));
  if (identity !== null) return identity;
  const message = refusals[dialect];
  throw new RequestRefused(401, 'unauthorized', message, {
    'www-authenticate': dialect === 'influx-2' ? 'Token' : 'Basic realm="Millrace", Bearer',
  });
}
