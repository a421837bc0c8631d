import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { upgradeAllowed } from './http-origin.ts';
import type { Refusals } from './refusals.ts';
import { bind, type Listener, type Place } from './tcp.ts';

/** A request's head has to come within this time, ms: who sends it byte by byte holds nothing for long. */
const headersTimeoutMs = 10_000;
/** How often that is looked at, ms; Node's own is 30 s. */
const connectionsCheckingInterval = 2_000;

export interface IngestHttpOptions extends Place {
  /** Open at a time; further ones are closed at once. */
  readonly connectionsMax: number;
  /** Bytes of one WebSocket message; MQTT packets may be cut or joined in them. */
  readonly messageBytesMax: number;
  readonly refusals: Refusals;
  /** Whether a connection may stay; one that may not is closed by it. */
  admit(socket: Socket): boolean;
  onSocket(socket: Duplex, address: string): void;
}

/** Ingest's own HTTP port: MQTT over WebSocket on `/mqtt`, subprotocol `mqtt`. @throws PORT_TAKEN */
export async function listenHttp(options: IngestHttpOptions): Promise<Listener> {
  const { host, messageBytesMax, refusals, connectionsMax, admit, onSocket } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') && 'mqttv3.1'),
  });
  const server = createServer({ connectionsCheckingInterval }, (_request, response) => {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('This is the port where sensors come in: MQTT over WebSocket at /mqtt.\n');
  });
  server.headersTimeout = headersTimeoutMs;
  server.maxConnections = connectionsMax;
  server.prependListener('connection', admit);
  server.on('upgrade', (request, socket, head) => {
    const address = request.socket.remoteAddress ?? '';
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
      onSocket(createWebSocketStream(webSocket), address);
    });
  });
  const address = await bind(server, options);
  return {
    port: address.port,
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}

function refusalOf(request: IncomingMessage, host: string): string | null {
  const path = (request.url ?? '').split('?')[0];
  if (path !== '/mqtt') return '404 Not Found';
  if (!upgradeAllowed(request.headers, host)) return '403 Forbidden';
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.includes('mqtt') || offered.includes('mqttv3.1') ? null : '400 Bad Request';
}
