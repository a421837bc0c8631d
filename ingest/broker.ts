import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { AccessControl } from './access/access-control.ts';
import { ClientIds } from './access/client-ids.ts';
import { anonymous } from './access/identity.ts';
import type { RefusalAudit } from './access/refusal-audit.ts';
import type { BoundedPersistence, PersistenceLimits } from './bounded-persistence.ts';
import type { CommandService } from './commands/command-service.ts';
import { createConnectGate, connectionOf } from './connect-gate.ts';
import { AddressGate, type AddressLimits } from './address-gate.ts';
import type { ClientRates } from './client-rates.ts';
import { DeviceConnection } from './connection.ts';
import { closeEnded, closeSilent, cutOffUnfinished, unfinishedBytesMax } from './connection-sweeps.ts';
import { refusalOf } from './client-errors.ts';
import type { GuardLimits } from './header-guard.ts';
import { LocalRouter } from './local-router.ts';
import { RetainedOrder } from './durable/retained-order.ts';
import type { SettledPosition } from './durable/settled-position.ts';
import type { LogWriter } from './log-writer.ts';
import type { Peer } from './peer.ts';
import { createPublishGate } from './publish-gate.ts';
import type { Refusals } from './refusals.ts';
import { Returning } from './returning.ts';
import { takeOverRouting, type Routing } from './routing.ts';
import { createForwardGate, createSubscribeGate } from './subscribe-gate.ts';

/** CONNECT has to come within this time, ms. */
const connectTimeoutMs = 10_000;
/** A subscriber that takes nothing for so long is disconnected, ms. */
const drainTimeoutMs = 2_000;
/**
 * QoS 2 publishes of a client that wait for their PUBREL: as many as there are packet identifiers. A release stands
 * behind all that the client sent before it, so a bound below that would cut off who sends much at once, each time anew.
 */
const unreleasedMax = 65_535;
const sweepMs = 1_000;

export interface BrokerLimits extends GuardLimits, PersistenceLimits, ClientRates, AddressLimits {
  readonly connectionsMax: number;
  readonly clientIdBytesMax: number;
  readonly filtersPerSubscribeMax: number;
}

export interface BrokerOptions {
  readonly writer: LogWriter;
  readonly persistence: BoundedPersistence;
  readonly limits: BrokerLimits;
  readonly refusals: Refusals;
  readonly settled: SettledPosition;
  readonly commands: CommandService;
  /** Other processes write to the log, too, and what they take in is for our subscribers as well. */
  readonly isShared: boolean;
  readonly access: AccessControl;
  readonly audit: RefusalAudit;
  readonly partitionFor: (topic: string) => number;
  readonly nowUs: () => number;
  /** Makes connection ids unique over starts of the process. */
  readonly producer: string;
  onPublish(topic: string, client: string): void;
  onAcknowledged(ms: number): void;
  onClientError(error: Error, clientId: string | null): void;
  /** Something in the broker itself went wrong. */
  onError(error: Error): void;
}

/** The MQTT broker: sockets come in by `attach`, publishes go to the log, subscribers among the sensors are served. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #aedes: Aedes;
  readonly #router: Routing;
  readonly #connections = new Set<DeviceConnection>();
  readonly #addresses: AddressGate;
  readonly #clientIds: ClientIds;
  readonly #sweep: NodeJS.Timeout;
  readonly #returning = new Returning();
  #attached = 0;
  #unfinishedBytes = 0;

  private constructor(options: BrokerOptions) {
    this.#options = options;
    const { refusals, persistence, writer, limits, commands, access, audit } = options;
    const { rules, delivery } = commands;
    this.#addresses = new AddressGate(limits);
    const router = new LocalRouter();
    this.#clientIds = new ClientIds(
      (id) => persistence.sessions.has(id),
      (id) => access.isName(id),
    );
    const connects = createConnectGate({
      persistence,
      refusals,
      rules,
      clientIdBytesMax: limits.clientIdBytesMax,
      access,
      audit,
      clientIds: this.#clientIds,
      closedBecause: () => {
        if (writer.pressure === 'full') return 'log-full';
        // Those who are here already go first.
        return writer.pressure === 'open' && !this.#returning.isUnderWay ? null : 'busy';
      },
      onError: (error) => options.onError(error),
      isConnected: (id) => Object.hasOwn(clientsOf(this.#aedes), id),
    });
    this.#aedes = new Aedes({
      mq: router,
      persistence,
      connectTimeout: connectTimeoutMs,
      drainTimeout: drainTimeoutMs,
      maxInflightInbound: unreleasedMax,
      ...connects,
      authorizePublish: createPublishGate({
        ...options,
        route: (packet, client, sequence, done) => this.route(packet, client, sequence, done),
      }),
      authorizeSubscribe: createSubscribeGate(refusals, limits, { access, audit }, (client, filter, qos) =>
        delivery.subscribed(client, filter, qos),
      ),
      authorizeForward: createForwardGate(refusals, access),
    });
    const wanted = (topic: string) => router.wants(topic) || persistence.sessions.wanting(topic).length > 0;
    const order = new RetainedOrder();
    // Alone, what comes last is also the last in the log.
    const isLatest = options.isShared ? order.isLatest.bind(order) : () => true;
    this.#router = takeOverRouting(this.#aedes, wanted, isLatest);
    this.#aedes.on('client', (client) => this.#registered(client));
    this.#aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) connectionOf(client).filters.delete(filter);
    });
    this.#aedes.on('connackSent', ({ returnCode }, client) => {
      if (returnCode === 0) connectionOf(client).accept();
    });
    const onError = (client: Client, error: Error) => this.#failed(client, error);
    (this.#aedes as EventEmitter).on('error', (error: Error) => options.onError(error));
    this.#aedes.on('unsubscribe', (filters, client) => delivery.unsubscribed(client, filters));
    persistence.onPuback = (client, messageId) => delivery.puback(client as Client, messageId);
    this.#aedes.on('clientError', onError);
    this.#aedes.on('connectionError', onError);
    this.#sweep = setInterval(() => {
      closeSilent(this.#connections, refusals, performance.now());
      this.#addresses.sweep(performance.now());
      closeEnded(this.#connections, options);
    }, sweepMs);
  }

  static async start(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options);
    await broker.#aedes.listen();
    return broker;
  }

  /** Open connections, also those that did not send a CONNECT yet. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Those of them that were let in unknown. */
  get anonymousConnections(): number {
    let count = 0;
    for (const { identity, destroyed } of this.#connections) if (identity === anonymous && !destroyed) count++;
    return count;
  }

  /** Whether a socket from the address may stay; one that may not is closed before a byte of it is read. */
  admit(socket: Duplex, address: string): boolean {
    const admission = this.#addresses.admit(address, performance.now());
    if (admission.kind === 'admitted') {
      socket.once('close', admission.leave);
      return true;
    }
    this.#options.refusals.count(admission.reason, address);
    socket.destroy();
    return false;
  }

  /** Serves MQTT on a socket that was admitted. Over connectionsMax it is closed at once. */
  attach(socket: Duplex, peer: Peer): void {
    const { refusals, limits, producer, commands } = this.#options;
    if (this.#connections.size >= limits.connectionsMax) {
      refusals.count('too-many-connections', peer.address);
      socket.destroy();
      return;
    }
    const connection: DeviceConnection = new DeviceConnection(socket, {
      id: `${producer}-${(this.#attached++).toString(36)}`,
      peer,
      limits,
      onRefused: (reason) => refusals.count(reason, connection.who),
      onUnfinished: (bytes) => {
        this.#unfinishedBytes += bytes;
        if (bytes <= 0 || this.#unfinishedBytes <= unfinishedBytesMax) return;
        cutOffUnfinished(this.#connections, refusals, () => this.#unfinishedBytes);
      },
    });
    this.#connections.add(connection);
    // Until the socket itself is gone, and what it left behind is taken: what lingers counts.
    const forget = () => {
      if (socket.destroyed && connection.closed) this.#connections.delete(connection);
    };
    socket.once('close', forget);
    connection.once('close', () => {
      forget();
      commands.delivery.left(connection);
      this.#left(connection);
      if (connection.identity !== null) this.#clientIds.left(connection.asked.clientId, connection.identity);
    });
    this.#aedes.handle(connection);
  }

  /** Sends a message to those who subscribed to its topic here. It is not from a sensor and does not go to the log. */
  deliver(topic: string, payload: Uint8Array): void {
    const packet = { cmd: 'publish', qos: 0, retain: false, dup: false, topic, payload: Buffer.from(payload) } as const;
    this.#router.route(packet, null, 0, () => {});
  }

  /** Gives what is in the log at a sequence to subscribers, sessions and retained messages. */
  route(packet: PublishPacket, client: Client | null, sequence: number, done: () => void): void {
    this.#router.route(packet, client, sequence, done);
  }

  /** Reads connections, slice by slice, or none of them. Those that sent no CONNECT yet get their answer. */
  listen(listening: boolean): void {
    this.#returning.listen(listening, this.#connections);
  }

  /** Closes all connections; wills of those that did not say goodbye are published. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#returning.stop();
    await this.#answered();
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const connection of this.#connections) connection.destroy();
  }

  /** What is acknowledged is told: acknowledgements are on their way to aedes, and from there to the sockets. */
  async #answered(): Promise<void> {
    await nextTurn();
    const written = [...this.#connections].map((connection) => connection.written());
    await Promise.race([Promise.all(written), wait(drainTimeoutMs, undefined, { ref: false })]);
  }

  #registered(client: Client): void {
    const { writer, nowUs } = this.#options;
    const connection = connectionOf(client);
    connection.registeredAs = client.id;
    const { filtersPerSubscribeMax } = this.#options.limits;
    parserOf(client).prependListener('packet', ({ cmd }: { cmd: string }) => {
      if (cmd === 'subscribe') connection.filtersLeft = filtersPerSubscribeMax;
    });
    if (writer.pressure !== 'open') connection.listen(false);
    writer.appendToAll({ kind: 'connect', client: client.id, connection: connection.id, atUs: nowUs() });
  }

  #left(connection: DeviceConnection): void {
    const { registeredAs: client, id, saidGoodbye } = connection;
    if (client === null) return;
    const { writer, nowUs, persistence } = this.#options;
    writer.appendToAll({ kind: 'disconnect', client, connection: id, atUs: nowUs(), clean: saidGoodbye });
    if (!Object.hasOwn(clientsOf(this.#aedes), client)) persistence.sessions.leave(client, performance.now());
  }

  /** Disconnects those with a certificate: among the revoked ones that are known now may be theirs. */
  closeCertified(): void {
    for (const connection of this.#connections) if (connection.peer.certificate !== null) connection.destroy();
  }

  #failed(client: Client, error: Error): void {
    const reason = refusalOf(error);
    if (reason !== null) this.#options.refusals.count(reason, whoIs(client));
    this.#options.onClientError(error, client.id ?? null);
  }
}

function whoIs({ conn }: Client): string {
  return conn instanceof DeviceConnection ? conn.who : '';
}

/** aedes' parser of a client's packets, each of which it handles as soon as it is parsed; not in its types. */
function parserOf(client: Client): EventEmitter {
  return (client as unknown as Record<'_parser', EventEmitter>)['_parser'];
}

/** aedes' table of connected clients, by id; not in its types. */
function clientsOf(aedes: Aedes): Readonly<Record<string, Client>> {
  return (aedes as unknown as { clients: Record<string, Client> }).clients;
}
