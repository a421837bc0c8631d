import { readFile } from 'node:fs/promises';
import type { IClientOptions } from 'mqtt';
import type { BridgeConfig } from '../../infra/config/schema.ts';

const connectTimeoutMs = 10_000;
/** Bytes of a packet beside its payload: topic, properties. */
const overheadBytesMax = 64 * 1024;

/** How a bridge connects: a session that the broker keeps. @throws when a file of `tls` cannot be read */
export async function clientOptions(bridge: BridgeConfig, payloadBytesMax: number): Promise<IClientOptions> {
  const { protocol, keepalive, username, password, inFlightMax, sessionExpiry } = bridge;
  const { tls = {} } = bridge;
  const [ca, cert, key] = await Promise.all([fileText(tls.ca), fileText(tls.cert), fileText(tls.key)]);
  return {
    clientId: bridge.clientId ?? `millrace-${bridge.name}`,
    protocolVersion: protocol,
    clean: false,
    keepalive: Math.max(1, Math.round(keepalive / 1000)),
    connectTimeout: connectTimeoutMs,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(protocol === 5
      ? {
          properties: {
            sessionExpiryInterval: Math.round(sessionExpiry / 1000),
            receiveMaximum: inFlightMax,
            maximumPacketSize: payloadBytesMax + overheadBytesMax,
          },
        }
      : {}),
  };
}

async function fileText(file: string | undefined): Promise<Buffer | undefined> {
  return file === undefined ? undefined : readFile(file);
}
