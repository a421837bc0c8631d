import { webhookSecretPrefix } from '../webhook-secret.ts';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const bodyMaxBytes = 64 * 1024;
/** Older than this a delivery could be a replay by somebody else (Standard Webhooks). */
const toleranceS = 300;

/** A delivery as it arrived. */
export interface Received {
  readonly isGenuine: boolean;
  readonly type: string;
  readonly device: string;
  readonly rule: string;
}

export interface WebhookReceiver {
  readonly url: string;
  close(): Promise<void>;
}

/** A subscriber on a free port of this machine, as anybody would write one: it checks the signature of each delivery. */
export async function startWebhookReceiver(
  secret: string,
  onReceived: (received: Received) => void,
): Promise<WebhookReceiver> {
  const server = createServer((request, response) => {
    void readBody(request).then(
      (body) => {
        const isGenuine = isSignedWith(secret, request, body, Date.now() / 1000);
        if (isGenuine) onReceived({ isGenuine, ...contentOf(body) });
        else onReceived({ isGenuine, type: '', device: '', rule: '' });
        response.writeHead(isGenuine ? 204 : 401).end();
      },
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `v1,<base64 HMAC-SHA256 of "id.timestamp.body">`; several signatures are separated by spaces. */
export function isSignedWith(
  secret: string,
  { headers }: Pick<IncomingMessage, 'headers'>,
  body: string,
  nowS: number,
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false;
  if (!(Math.abs(nowS - Number(timestamp)) <= toleranceS)) return false;
  const key = Buffer.from(secret.slice(webhookSecretPrefix.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.split(' ').some((signature) => {
    const [version, text = ''] = signature.split(',');
    const given = Buffer.from(text, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function contentOf(body: string): Omit<Received, 'isGenuine'> {
  const event = JSON.parse(body) as { type: string; data: { device: string; rule: string } };
  return { type: event.type, device: event.data.device, rule: event.data.rule };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyMaxBytes) throw new RangeError('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
