import type { Server, TlsOptions } from 'node:tls';
import type { TlsConfig } from '../infra/config/access-schema.ts';
import type { TlsFiles } from '../infra/tls/tls-files.ts';
import type { Refusals } from './refusals.ts';

/** A handshake has to be done within this time, ms. */
const handshakeTimeoutMs = 10_000;

/** How ingest's servers do TLS: with what, and whose certificates they ask for. */
export interface ServerTls {
  options(): TlsOptions;
  /** Gives the server each renewed certificate and counts its failed handshakes. */
  follow(server: Server): void;
}

/** @param onRevocations another revocation list is in force: what it says does not reach connections that are there. */
export function serverTls(
  files: TlsFiles,
  clientCertificates: TlsConfig['clientCertificates'],
  refusals: Refusals,
  onRevocations: () => void,
): ServerTls {
  let { crl } = files.material;
  files.onRenewed((material) => {
    if (material.crl !== crl) onRevocations();
    crl = material.crl;
  });
  return {
    options: () => ({
      ...files.material.options,
      handshakeTimeout: handshakeTimeoutMs,
      requestCert: clientCertificates !== 'none',
      // Judged with the CONNECT or the request, where an answer can be given and the audit log told.
      rejectUnauthorized: false,
    }),
    follow(server) {
      files.onRenewed(({ options }) => server.setSecureContext(options));
      server.on('tlsClientError', () => refusals.count('tls'));
    },
  };
}
