import { TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';

/** A client certificate, as TLS found it. */
export interface PeerCertificate {
  readonly commonName: string;
  /** SHA-256 of its DER, 64 small hex digits. */
  readonly fingerprint: string;
  /** Why it does not count (expired, revoked, of another authority); null: it is good. */
  readonly problem: string | null;
}

/** Who is at the other end of a socket, as far as the network says. */
export interface Peer {
  readonly address: string;
  readonly certificate: PeerCertificate | null;
}

export function peerOf(socket: Socket): Peer {
  return { address: (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, ''), certificate: certificateOf(socket) };
}

function certificateOf(socket: Socket): PeerCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  const shown = socket.getPeerCertificate();
  // Nothing was asked for, or nothing shown: an empty object.
  if (shown?.raw === undefined) return null;
  const { CN = '' } = shown.subject;
  const problem = socket.authorized ? null : String(socket.authorizationError ?? 'not verified');
  return {
    commonName: Array.isArray(CN) ? CN.join(' ') : CN,
    fingerprint: shown.fingerprint256.replaceAll(':', '').toLowerCase(),
    problem,
  };
}
