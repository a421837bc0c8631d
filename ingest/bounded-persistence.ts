import { Readable } from 'node:stream';
import { DeviceConnection } from './connection.ts';
import type { Refusals } from './refusals.ts';
import { RetainedStore, type RetainedLimits } from './retained-store.ts';
import { SessionStore, type SessionLimits, type Subscription } from './session-store.ts';
import { storedPacket, type StoredPacket } from './stored-packet.ts';
import { TopicFilters } from './topic-filters.ts';

export type PersistenceLimits = RetainedLimits & SessionLimits;

export const persistenceLimits: Omit<PersistenceLimits, 'subscriptionsMax'> = {
  retainedTopicsMax: 10_000,
  retainedBytesMax: 16 * 1024 * 1024,
  sessionsMax: 10_000,
  sessionKeepMs: 3_600_000,
  queuedPerSessionMax: 1_000,
  queuedBytesMax: 32 * 1024 * 1024,
};

/** The part of aedes' client that is looked at here. */
interface ClientLike {
  readonly id: string;
  readonly clean?: boolean;
  readonly conn?: unknown;
}

/** A subscription as aedes hands it back to have a message queued for it. */
interface Wanting {
  readonly clientId: string;
  readonly qos?: 0 | 1 | 2;
}

/** Where the subscriptions of sessions outlive the process. */
export interface SessionKeeper {
  /** Sequence of the last message of the log that is known. */
  position(): number;
  /** Resolves when the subscriptions that the session has now are kept. */
  save(id: string, isChanged: boolean): Promise<void>;
  ended(id: string): void;
}

const keepsNothing: SessionKeeper = { position: () => 0, save: async () => {}, ended: () => {} };

/**
 * What aedes asks of a persistence (its methods are aedes'), in memory and bounded; aedes-persistence's own has no
 * bound: 100,000 messages for an offline session cost 177 MB. Sensors' readings are in the log; this is for those who
 * subscribe to the broker itself.
 */
export class BoundedPersistence {
  readonly sessions: SessionStore;
  readonly retained: RetainedStore;
  readonly #refusals: Refusals;
  #keeper: SessionKeeper = keepsNothing;
  /** Told of each PUBACK (and PUBCOMP) before it is looked up here. */
  onPuback: (client: object, messageId: number) => void = () => {};
  /** Counts changes of what a snapshot holds. */
  changes = 0;
  /** Unreleased QoS 2 identifiers of clients with a clean session: they end with the connection. */
  readonly #cleanIncoming = new WeakMap<object, Set<number>>();

  constructor(limits: PersistenceLimits, refusals: Refusals) {
    this.sessions = new SessionStore(limits, (id) => this.#keeper.ended(id));
    this.retained = new RetainedStore(limits);
    this.#refusals = refusals;
  }

  /** From now on subscriptions of sessions are kept elsewhere, too, before they are answered. */
  keepSessions(keeper: SessionKeeper): void {
    this.#keeper = keeper;
  }

  /** aedes insists on an async function. */
  async setup(): Promise<void> {}

  async storeRetained(packet: StoredPacket): Promise<void> {
    this.changes++;
    if (!this.retained.store(storedPacket(packet))) this.#refusals.count('retained-full');
  }

  createRetainedStreamCombi(patterns: readonly string[]): Readable {
    const filters = new TopicFilters<true>();
    for (const pattern of patterns) filters.add(pattern, true);
    return Readable.from([...this.retained.values()].filter(({ topic }) => filters.match(topic).length > 0));
  }

  async addSubscriptions(client: ClientLike, subscriptions: readonly Subscription[]): Promise<void> {
    // aedes hands over those it refused, too, and all of a SUBSCRIBE for each of them: whichever is answered is kept.
    const wanted = subscriptions.filter(({ topic }) => !topic.startsWith('$SYS'));
    const isChanged = this.sessions.subscribe(client.id, wanted, this.#keeper.position());
    await this.#keeper.save(client.id, isChanged);
  }

  async removeSubscriptions(client: ClientLike, topics: readonly string[]): Promise<void> {
    await this.#keeper.save(client.id, this.sessions.unsubscribe(client.id, topics));
  }

  async subscriptionsByClient(client: ClientLike): Promise<Subscription[]> {
    return this.sessions.subscriptions(client.id);
  }

  async subscriptionsByTopic(topic: string): Promise<Wanting[]> {
    return this.sessions.wanting(topic);
  }

  /** A CONNECT with a clean session ends the session that was. */
  async cleanSubscriptions(client: ClientLike): Promise<void> {
    this.sessions.discard(client.id);
    await this.#keeper.save(client.id, true);
  }

  async outgoingEnqueue({ clientId, qos }: Wanting, packet: StoredPacket): Promise<void> {
    this.changes++;
    if (!this.sessions.enqueue(clientId, packet, qos ?? packet.qos)) this.#refusals.count('session-full');
  }

  async outgoingEnqueueCombi(sessions: readonly Wanting[], packet: StoredPacket): Promise<void> {
    for (const session of sessions) await this.outgoingEnqueue(session, packet);
  }

  /** What was not kept for want of room is none the less delivered to a client that is there. */
  async outgoingUpdate(client: ClientLike, packet: StoredPacket): Promise<void> {
    this.changes++;
    this.sessions.update(client.id, packet);
  }

  async outgoingClearMessageId(client: ClientLike, packet: StoredPacket): Promise<StoredPacket | undefined> {
    if (packet.messageId !== undefined) this.onPuback(client, packet.messageId);
    this.changes++;
    return this.sessions.confirm(client.id, packet.messageId);
  }

  outgoingStream(client: ClientLike): Readable {
    return Readable.from(this.sessions.queued(client.id));
  }

  /** Is this a QoS 2 publish that was taken and not yet released? Then it is in the log. */
  holdsIncoming(client: ClientLike, messageId: number): boolean {
    return this.#incoming(client)?.has(messageId) ?? false;
  }

  async incomingStorePacket(client: ClientLike, packet: StoredPacket): Promise<void> {
    this.#incoming(client)?.add(packet.messageId!);
  }

  /** @throws when it is not there, as aedes expects. The identifier is all that aedes looks at. */
  async incomingGetPacket(client: ClientLike, packet: StoredPacket): Promise<{ messageId: number }> {
    if (!this.holdsIncoming(client, packet.messageId!)) throw new Error('no such packet');
    return { messageId: packet.messageId! };
  }

  async incomingDelPacket(client: ClientLike, packet: StoredPacket): Promise<void> {
    if (!this.#incoming(client)?.delete(packet.messageId!)) throw new Error('no such packet');
  }

  async cleanIncoming(client: ClientLike): Promise<void> {
    this.#incoming(client)?.clear();
  }

  /** A clean session's belong to its connection: a refused namesake cannot clear them. */
  #incoming(client: ClientLike): Set<number> | undefined {
    if (client.clean === false) return this.sessions.incoming(client.id);
    const connection = client.conn;
    if (!(connection instanceof DeviceConnection)) return undefined;
    let held = this.#cleanIncoming.get(connection);
    if (held === undefined) this.#cleanIncoming.set(connection, (held = new Set()));
    return held;
  }

  /** A will stays with its connected client. Wills are stored for brokers that share them; this one is alone. */
  async putWill(): Promise<void> {}

  async delWill(): Promise<void> {}

  streamWill(): Readable {
    return Readable.from([]);
  }
}
