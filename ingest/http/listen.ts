import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { peerOf, type Peer } from '../peer.ts';
import type { Refusals } from '../refusals.ts';
import type { ServerTls } from '../server-tls.ts';
import { bind, type Listener, type Place } from '../tcp.ts';
import { upgradeAllowed } from './origin.ts';
import { createRequestHandler, type RequestOptions } from './requests.ts';

export interface IngestHttpOptions extends Place {
  /** Bytes of one WebSocket message; MQTT packets may be cut or joined in them. */
  readonly messageBytesMax: number;
  /** A request has to be here, with its body, within this time, ms. */
  readonly requestTimeoutMs: number;
  readonly connectionsMax: number;
  readonly refusals: Refusals;
  readonly requests: Omit<RequestOptions, 'host' | 'refusals'>;
  /** Whether a connection may stay; one that may not is closed by it. */
  admit(socket: Socket): boolean;
  /** Null: without TLS. */
  readonly tls: ServerTls | null;
  onSocket(socket: Duplex, peer: Peer): void;
}

export interface HttpListener extends Listener {
  /** Ends the connections that are left. */
  destroy(): void;
}

/** Headers have to be here within this time, ms. */
const headersTimeoutMs = 10_000;
/** How often connections are looked at for these times, ms. */
const checkEveryMs = 1_000;
/** A connection may be idle for so long between two requests, ms. */
const idleMs = 75_000;

/**
 * Ingest's own HTTP port: MQTT over WebSocket on `/mqtt`, subprotocol `mqtt`, and requests that bring readings.
 * @throws PORT_TAKEN
 */
export async function listenHttp(options: IngestHttpOptions): Promise<HttpListener> {
  const { host, messageBytesMax, requestTimeoutMs, connectionsMax, refusals, requests, tls, admit, onSocket } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') && 'mqttv3.1'),
  });
  const server = createHttpServer(
    tls,
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      connectionsCheckingInterval: checkEveryMs,
      keepAliveTimeout: idleMs,
      noDelay: true,
    },
    createRequestHandler({ ...requests, host, refusals }),
  );
  server.maxConnections = connectionsMax;
  server.prependListener('connection', admit);
  server.on('drop', () => refusals.count('too-many-connections'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (isSlow) refusals.count('slow-request');
    else if (error.code?.startsWith('HPE_')) refusals.count('bad-request');
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    socket.end(
      `HTTP/1.1 ${isSlow ? '408 Request Timeout' : '400 Bad Request'}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    );
  });
  server.on('upgrade', (request, socket, head) => {
    const { address } = peerOf(request.socket);
    // One that breaks before it is a WebSocket has nobody to tell.
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request, host);
    if (refusal !== null) {
      if (refusal.startsWith('403')) refusals.count('origin', address);
      socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // MQTT-6.0.0-1: binary frames only.
      webSocket.on('message', (_data, isBinary) => {
        if (isBinary) return;
        refusals.count('malformed', address);
        webSocket.terminate();
      });
      onSocket(createWebSocketStream(webSocket), peerOf(request.socket));
    });
  });
  const { port } = await bind(server, options);
  return {
    port,
    close() {
      server.close();
      server.closeIdleConnections();
    },
    destroy: () => server.closeAllConnections(),
  };
}

function createHttpServer(tls: ServerTls | null, options: ServerOptions, listener: RequestListener): Server {
  if (tls === null) return createServer(options, listener);
  const server = createHttpsServer({ ...options, ...tls.options() }, listener);
  tls.follow(server);
  return server;
}

function refusalOf(request: IncomingMessage, host: string): string | null {
  const path = (request.url ?? '').split('?')[0];
  if (path !== '/mqtt') return '404 Not Found';
  if (!upgradeAllowed(request.headers, host)) return '403 Forbidden';
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.includes('mqtt') || offered.includes('mqttv3.1') ? null : '400 Bad Request';
}
