import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { upgradeAllowed } from './http-origin.ts';
import { peerOf, type Peer } from './peer.ts';
import type { Refusals } from './refusals.ts';
import type { ServerTls } from './server-tls.ts';
import { bind, type Listener, type Place } from './tcp.ts';

export interface IngestHttpOptions extends Place {
  /** Bytes of one WebSocket message; MQTT packets may be cut or joined in them. */
  readonly messageBytesMax: number;
  readonly refusals: Refusals;
  /** Null: without TLS. */
  readonly tls: ServerTls | null;
  onSocket(socket: Duplex, peer: Peer): void;
}

/** Ingest's own HTTP port: MQTT over WebSocket on `/mqtt`, subprotocol `mqtt`. @throws PORT_TAKEN */
export async function listenHttp(options: IngestHttpOptions): Promise<Listener> {
  const { host, messageBytesMax, refusals, tls, onSocket } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') && 'mqttv3.1'),
  });
  const server = createHttpServer(tls, (_request, response) => {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('This is the port where sensors come in: MQTT over WebSocket at /mqtt.\n');
  });
  server.on('upgrade', (request, socket, head) => {
    const refusal = refusalOf(request, host);
    if (refusal !== null) {
      if (refusal.startsWith('403')) refusals.count('origin');
      socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // MQTT-6.0.0-1: binary frames only.
      webSocket.on('message', (_data, isBinary) => {
        if (isBinary) return;
        refusals.count('malformed');
        webSocket.terminate();
      });
      onSocket(createWebSocketStream(webSocket), peerOf(request.socket));
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

function createHttpServer(tls: ServerTls | null, listener: RequestListener): Server {
  if (tls === null) return createServer(listener);
  const server = createHttpsServer(tls.options(), listener);
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
