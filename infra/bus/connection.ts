import {
  connect,
  Events,
  NatsError,
  type ConnectionOptions,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
} from 'nats';
import { MillraceError } from '../errors.ts';

export interface BusOptions {
  readonly url: string;
  readonly user?: string;
  readonly pass?: string;
  /** Shown by the server's monitoring. */
  readonly name: string;
}

/** A request to JetStream that got no answer within this time is tried again. */
export const requestTimeoutMs = 2_000;

/** A connection to NATS. Others hold it and pass it on; only `infra/bus` looks inside. */
export interface Bus extends AsyncDisposable {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** False while the link is down; what is published meanwhile is lost. */
  readonly connected: boolean;
  /** Resolves when the link is up. @throws LOG_UNAVAILABLE when the bus is closed, the signal's reason when aborted. */
  whenConnected(signal?: AbortSignal): Promise<void>;
  /** Tells of every loss and return of the link. Returns the unsubscription. */
  onLink(listener: (connected: boolean) => void): () => void;
  /** Sends what is buffered, then closes. */
  close(): Promise<void>;
}

/** What is sent now goes out: the link is up and not being closed. */
export function canSend({ connected, connection }: Bus): boolean {
  return connected && !connection.isClosed() && !connection.isDraining();
}

/** Connects, waiting for the server as long as it takes, and reconnects for ever. */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const settings: ConnectionOptions = {
    servers: options.url,
    name: options.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    waitOnFirstConnect: true,
    ignoreAuthErrorAbort: true,
    timeout: requestTimeoutMs,
    // A server that hangs is noticed after two unanswered pings.
    pingInterval: 3_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(options.user === undefined ? {} : { user: options.user, pass: options.pass ?? '' }),
  };
  const connection = await connect(settings).catch((cause: unknown) => {
    throw new MillraceError('LOG_UNAVAILABLE', `NATS at ${options.url} cannot be reached: ${textOf(cause)}`, { cause });
  });
  const jetstream = connection.jetstream({ timeout: requestTimeoutMs });
  const manager = await connection.jetstreamManager({ timeout: requestTimeoutMs, checkAPI: false });
  return new NatsBus(connection, jetstream, manager);
}

class NatsBus implements Bus {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  connected = true;
  readonly #listeners = new Set<(connected: boolean) => void>();

  constructor(connection: NatsConnection, jetstream: JetStreamClient, manager: JetStreamManager) {
    this.connection = connection;
    this.jetstream = jetstream;
    this.manager = manager;
    void this.#watch();
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === Events.Disconnect) this.#tell(false);
      else if (type === Events.Reconnect) this.#tell(true);
    }
    this.#tell(false);
  }

  #tell(connected: boolean): void {
    this.connected = connected;
    for (const listener of this.#listeners) listener(connected);
  }

  onLink(listener: (connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  whenConnected(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      if (this.connection.isClosed()) return reject(closedError());
      if (this.connected) return resolve();
      const end = () => {
        unsubscribe();
        signal?.removeEventListener('abort', abort);
      };
      const abort = () => {
        end();
        reject(signal!.reason as Error);
      };
      const unsubscribe = this.onLink((connected) => {
        if (connected) resolve();
        else if (this.connection.isClosed()) reject(closedError());
        else return;
        end();
      });
      signal?.addEventListener('abort', abort);
    });
  }

  async close(): Promise<void> {
    if (this.connection.isClosed()) return;
    // Draining waits for the server: without one there is nothing to send to.
    if (this.connected) await Promise.race([this.connection.drain(), closeAfter(this.connection, requestTimeoutMs)]);
    else await this.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function closedError(): MillraceError {
  return new MillraceError('LOG_UNAVAILABLE', 'The connection to NATS is closed.');
}

function closeAfter(connection: NatsConnection, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(connection.close()), ms);
    void connection.closed().then(() => clearTimeout(timer));
  });
}

function textOf(cause: unknown): string {
  if (cause instanceof NatsError) return cause.message === cause.code ? cause.code : `${cause.message} (${cause.code})`;
  return cause instanceof Error ? cause.message : String(cause);
}
