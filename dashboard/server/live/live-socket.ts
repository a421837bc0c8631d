import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PasswordAccess } from '../access/password-access.ts';
import type { Guard } from '../http/guard.ts';
import type { LiveHub } from './live-hub.ts';

/** Browsers at a time; further ones are refused with 503. */
export const viewersMax = 500;
const messageBytesMax = 16 * 1024;
const heartbeatMs = 15_000;

/** Takes upgrades of `/live` from known hosts and origins to the hub. Returns the stop. */
export function serveLive(server: Server, hub: LiveHub, guard: Guard, access: PasswordAccess | null): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false });
  /** Whether who opened it would be let in still. */
  const stillIn = new WeakMap<WebSocket, () => boolean>();
  const onUpgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A socket that breaks before it is a WebSocket has nobody to tell.
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== '/live') return refuse(socket, 404, 'Not Found');
    const verdict = guard.judge({ host: request.headers.host, origin: request.headers.origin, needsOrigin: true });
    if (verdict.kind === 'refused') return refuse(socket, verdict.status, verdict.message);
    if (hub.viewers.size >= viewersMax) return refuse(socket, 503, `${viewersMax} viewers are connected.`);
    const { cookie, authorization } = request.headers;
    const shown = { cookie, authorization, address: request.socket.remoteAddress ?? '' };
    const judgement = (await access?.judge(shown)) ?? ({ kind: 'allowed', stillIn: () => true } as const);
    if (judgement.kind === 'refused') return refuse(socket, judgement.status, 'That needs the password.');
    if (socket.destroyed) return;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      stillIn.set(webSocket, judgement.stillIn);
      hub.add(webSocket);
    });
  };
  const upgrade = (...given: Parameters<typeof onUpgrade>) => {
    onUpgrade(...given).catch(() => given[1].destroy());
  };
  server.on('upgrade', upgrade);
  const heartbeat = setInterval(() => {
    hub.heartbeat();
    for (const webSocket of sockets.clients)
      if (stillIn.get(webSocket)?.() === false) webSocket.close(4401, 'the session is over');
  }, heartbeatMs);
  return () => {
    clearInterval(heartbeat);
    server.off('upgrade', upgrade);
    hub.close();
    sockets.close();
  };
}

function refuse(socket: Duplex, status: number, message: string): void {
  const head = `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
}
