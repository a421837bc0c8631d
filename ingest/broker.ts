import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { AccessControl } from './access/access-control.ts';
import { ClientIds } from './access/client-ids.ts';
import type { RefusalAudit } from './access/refusal-audit.ts';
import type { BoundedPersistence, PersistenceLimits } from './bounded-persistence.ts';
import type { CommandService } from './commands/command-service.ts';
import { createConnectGate, connectionOf } from './connect-gate.ts';
import { AddressGate, type AddressLimits } from './address-gate.ts';
import { type ClientRates, DeviceConnection } from './connection.ts';
import { refusalOf } from './client-errors.ts';
import type { GuardLimits } from './header-guard.ts';
import { LocalRouter } from './local-router.ts';
import { RetainedOrder } from './durable/retained-order.ts';
import type { SettledPosition } from './durable/settled-position.ts';
import type { LogWriter } from './log-writer.ts';
import type { Peer } from './peer.ts';
import { createPublishGate } from './publish-gate.ts';
import type { Refusals } from './refusals.ts';
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
/** Bytes of packets without an end, of all clients; above it those are cut off that were silent longest. */
const unfinishedBytesMax = 64 * 1024 * 1024;
/** After an outage so many connections are read again each resumeMs: their return is no storm. */
const resumedPerSlice = 200;
const resumeMs = 20;

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
  onPublish(): void;
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
  /** Connections to be read again, and the timer that does it. */
  #returning: DeviceConnection[] = [];
  #resume: NodeJS.Timeout | null = null;
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
        return writer.pressure === 'open' && this.#returning.length === 0 ? null : 'busy';
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
      this.#closeSilent();
      this.#addresses.sweep(performance.now());
      this.#closeEnded();
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
        if (bytes > 0 && this.#unfinishedBytes > unfinishedBytesMax) this.#cutOffUnfinished();
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
    if (this.#resume !== null) clearInterval(this.#resume);
    this.#resume = null;
    this.#returning = [];
    if (!listening) {
      for (const connection of this.#connections) if (connection.registeredAs !== null) connection.listen(false);
      return;
    }
    this.#returning = [...this.#connections].filter(({ unread }) => unread);
    this.#resumeSlice();
    if (this.#returning.length > 0) this.#resume = setInterval(() => this.#resumeSlice(), resumeMs);
  }

  #resumeSlice(): void {
    for (const connection of this.#returning.splice(0, resumedPerSlice)) connection.listen(true);
    if (this.#returning.length > 0 || this.#resume === null) return;
    clearInterval(this.#resume);
    this.#resume = null;
  }

  /** Closes all connections; wills of those that did not say goodbye are published. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    if (this.#resume !== null) clearInterval(this.#resume);
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const connection of this.#connections) connection.destroy();
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

  /** Disconnects whose credential, certificate or token is none any more. */
  #closeEnded(): void {
    const { access, audit, refusals } = this.#options;
    for (const connection of this.#connections) {
      const { identity, registeredAs: client, peer, destroyed } = connection;
      const ended = identity === null || destroyed ? null : access.ended(identity);
      if (ended === null) continue;
      refusals.count(ended);
      const reason = 'It was connected, and is disconnected.';
      audit.refused(ended, { who: identity!.name, address: peer.address, client: client ?? '', reason });
      connection.destroy();
    }
  }

  #closeSilent(): void {
    const nowMs = performance.now();
    for (const connection of this.#connections) {
      if (connection.destroyed) continue;
      if (connection.unread) connection.heardAtMs = nowMs;
      if (nowMs - connection.heardAtMs <= connection.silenceMaxMs) continue;
      this.#options.refusals.count('silent', connection.who);
      connection.destroy();
    }
  }

  /** Down to three quarters, so that the next bytes do not look for another. */
  #cutOffUnfinished(): void {
    const holding = [...this.#connections].filter(
      ({ unfinishedBytes, destroyed }) => unfinishedBytes > 0 && !destroyed,
    );
    holding.sort((a, b) => a.heardAtMs - b.heardAtMs);
    for (const connection of holding) {
      if (this.#unfinishedBytes <= (unfinishedBytesMax * 3) / 4) return;
      this.#options.refusals.count('unfinished', connection.who);
      connection.destroy();
    }
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
