import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Config } from '../infra/config/schema.ts';
import type { TlsFiles } from '../infra/tls/tls-files.ts';
import type { Broker, BrokerLimits } from './broker.ts';
import { listenHttp, type IngestHttpOptions } from './http/listen.ts';
import { peerOf, type Peer } from './peer.ts';
import type { Refusals } from './refusals.ts';
import { serverTls } from './server-tls.ts';
import { listenTcp, listenTls, type Listener } from './tcp.ts';

export interface ListenersOptions {
  readonly config: Config;
  readonly broker: Broker;
  readonly limits: BrokerLimits;
  readonly refusals: Refusals;
  readonly tlsFiles: TlsFiles | null;
  readonly requests: IngestHttpOptions['requests'];
}

/** The ports where sensors come in. */
export class Listeners {
  readonly #open: (Listener & { destroy?(): void })[] = [];

  get mqttPort(): number {
    return this.#open[0]!.port;
  }

  get httpPort(): number {
    return this.#open[1]!.port;
  }

  /** Null without TLS. */
  get mqttsPort(): number | null {
    return this.#open[2]?.port ?? null;
  }

  /** @throws PORT_TAKEN; those that are open already are to be closed then. */
  async open({ config, broker, limits, refusals, tlsFiles, requests }: ListenersOptions): Promise<void> {
    const admit = (socket: Socket) => broker.admit(socket, peerOf(socket).address);
    const onSocket = (socket: Duplex, peer: Peer) => broker.attach(socket, peer);
    const onTcp = (socket: Socket) => {
      if (admit(socket)) onSocket(socket, peerOf(socket));
    };
    const { mqtt, ingestHttp } = config;
    const { connectionsMax, payloadBytesMax, topicBytesMax } = limits;
    const messageBytesMax = 2 * (payloadBytesMax + topicBytesMax);
    // One alone has its port to itself: sharing it with an unknown second one would hide a mistake.
    const isShared = config.processes.ingest > 1;
    const tls =
      tlsFiles && serverTls(tlsFiles, config.tls!.clientCertificates, refusals, () => broker.closeCertified());
    this.#open.push(await listenTcp({ ...mqtt, isShared }, onTcp));
    const http = { isShared, messageBytesMax, connectionsMax, refusals, admit, requests, tls, onSocket };
    this.#open.push(await listenHttp({ ...ingestHttp, ...http, requestTimeoutMs: ingestHttp.requestTimeout }));
    if (tls) this.#open.push(await listenTls({ host: mqtt.host, port: mqtt.tls, isShared }, tls, onTcp));
  }

  /** Takes no more connections; those there stay. */
  close(): void {
    for (const listener of this.#open) listener.close();
  }

  /** Ends what is left of HTTP. */
  destroy(): void {
    for (const listener of this.#open) listener.destroy?.();
  }
}
