import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { MillraceError } from '../infra/errors.ts';
import type { ServerTls } from './server-tls.ts';

/** A peer that is gone without a word is found after about this time, whatever its keepalive. */
const tcpKeepaliveMs = 60_000;

export interface Listener {
  readonly port: number;
  /** Takes no more connections; those there stay. */
  close(): void;
}

/** Where to listen. `isShared`: with other processes of this user, the kernel deals out the connections. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly isShared: boolean;
}

/** MQTT over TCP. Port 0 takes a free one. @throws PORT_TAKEN */
export async function listenTcp(place: Place, onSocket: (socket: Socket) => void): Promise<Listener> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepaliveMs }, onSocket);
  const address = await bind(server, place);
  return { port: address.port, close: () => void server.close() };
}

/** MQTT over TLS. Sockets come when the handshake is done. @throws PORT_TAKEN */
export async function listenTls(place: Place, tls: ServerTls, onSocket: (socket: Socket) => void): Promise<Listener> {
  const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepaliveMs };
  const server = createTlsServer({ ...tcp, ...tls.options() }, onSocket);
  tls.follow(server);
  const address = await bind(server, place);
  return { port: address.port, close: () => void server.close() };
}

/** Binds a server. @throws PORT_TAKEN */
export function bind(server: Server, { host, port, isShared }: Place): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const what = cause.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${cause.code})`;
      reject(new MillraceError('PORT_TAKEN', `Port ${port} on ${host} ${what}.`, { cause }));
    });
    server.listen({ port, host, reusePort: isShared }, () => resolve(server.address() as AddressInfo));
  });
}
