import { storedPacket, type StoredPacket } from './stored-packet.ts';
import { TopicFilters } from './topic-filters.ts';

export interface SessionLimits {
  readonly sessionsMax: number;
  /** At sessionsMax one that has been away for so long makes room for a new one, ms. */
  readonly sessionKeepMs: number;
  /** Of one client, in a persistent session or not. */
  readonly subscriptionsMax: number;
  readonly queuedPerSessionMax: number;
  /** Payloads queued for all sessions together, bytes. */
  readonly queuedBytesMax: number;
}

export interface Subscription {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
}

/** With the position of the log at which it began: what is at or before it was not meant for it. */
export interface KeptSubscription extends Subscription {
  readonly since: number;
}

/** A subscription of a session: what the filters lead to. */
interface Grant extends KeptSubscription {
  readonly session: Session;
}

interface Session {
  readonly id: string;
  readonly subscriptions: Map<string, Grant>;
  queue: StoredPacket[];
  /** Packet identifiers of QoS 2 publishes received and not yet released (PUBREL). */
  readonly incoming: Set<number>;
}

/** Persistent sessions (clean session 0): subscriptions, messages queued, QoS 2 in between. All of it bounded. */
export class SessionStore {
  #queuedBytes = 0;
  readonly #limits: SessionLimits;
  readonly #sessions = new Map<string, Session>();
  /** When each session's client left, ms, the longest away first. */
  readonly #away = new Map<string, number>();
  /** Grants of QoS 1 and 2: QoS 0 is restored with the session, not queued for it. */
  readonly #filters = new TopicFilters<Grant>();

  readonly #onDiscard: (id: string) => void;

  /** @param onDiscard told of each session that ends */
  constructor(limits: SessionLimits, onDiscard: (id: string) => void = () => {}) {
    this.#limits = limits;
    this.#onDiscard = onDiscard;
  }

  get size(): number {
    return this.#sessions.size;
  }

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  /** The client of a session came. @returns false when there is no room for another session. */
  enter(id: string, nowMs: number): boolean {
    if (!this.#sessions.has(id)) {
      if (this.#sessions.size >= this.#limits.sessionsMax && !this.#makeRoom(nowMs)) return false;
      this.#sessions.set(id, { id, subscriptions: new Map(), queue: [], incoming: new Set() });
    }
    this.#away.delete(id);
    return true;
  }

  /** It left; what holds nothing is forgotten. */
  leave(id: string, nowMs: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const { subscriptions, queue, incoming } = session;
    if (subscriptions.size === 0 && queue.length === 0 && incoming.size === 0) this.discard(id);
    else this.#away.set(id, nowMs);
  }

  discard(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    for (const grant of session.subscriptions.values()) this.#filters.remove(grant.topic, grant);
    for (const packet of session.queue) this.#queuedBytes -= packet.payload.length;
    this.#sessions.delete(id);
    this.#away.delete(id);
    this.#onDiscard(id);
  }

  #makeRoom(nowMs: number): boolean {
    const [oldest] = this.#away;
    if (oldest === undefined || nowMs - oldest[1] < this.#limits.sessionKeepMs) return false;
    this.discard(oldest[0]);
    return true;
  }

  /** @param since the present end of the log @returns whether anything is other than it was. */
  subscribe(id: string, subscriptions: readonly Subscription[], since = 0): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    let isChanged = false;
    for (const { topic, qos } of subscriptions) {
      const before = session.subscriptions.get(topic);
      if (before?.qos === qos) continue;
      this.#revoke(session, topic);
      isChanged = true;
      if (session.subscriptions.size >= this.#limits.subscriptionsMax) break;
      const grant = { session, topic, qos, since: before?.since ?? since };
      session.subscriptions.set(topic, grant);
      if (qos > 0) this.#filters.add(topic, grant);
    }
    return isChanged;
  }

  /** A session as it was kept, its client away. Beyond the bounds of today it is not taken. */
  restore(id: string, subscriptions: readonly KeptSubscription[], nowMs: number): void {
    if (!this.enter(id, nowMs)) return;
    for (const one of subscriptions) this.subscribe(id, [one], one.since);
    this.#away.set(id, nowMs);
  }

  /** @returns whether it had any of them. */
  unsubscribe(id: string, topics: readonly string[]): boolean {
    const session = this.#sessions.get(id);
    return session !== undefined && topics.filter((topic) => this.#revoke(session, topic)).length > 0;
  }

  #revoke(session: Session, topic: string): boolean {
    const grant = session.subscriptions.get(topic);
    if (grant === undefined) return false;
    session.subscriptions.delete(topic);
    this.#filters.remove(topic, grant);
    return true;
  }

  /** What is to be kept of a session; nothing when it ended. */
  kept(id: string): KeptSubscription[] {
    const grants = [...(this.#sessions.get(id)?.subscriptions.values() ?? [])];
    return grants.map(({ topic, qos, since }) => ({ topic, qos, since }));
  }

  /** What waits for each session, and whose clients are here. */
  queues(): { readonly id: string; readonly packets: readonly StoredPacket[] }[] {
    return [...this.#sessions.values()]
      .filter(({ queue }) => queue.length > 0)
      .map(({ id, queue }) => ({ id, packets: queue }));
  }

  present(): string[] {
    return [...this.#sessions.keys()].filter((id) => !this.#away.has(id));
  }

  subscriptions(id: string): Subscription[] {
    const grants = [...(this.#sessions.get(id)?.subscriptions.values() ?? [])];
    return grants.map(({ topic, qos }) => ({ topic, qos }));
  }

  /**
   * The sessions that a message on this topic is queued for, each once, with the greatest QoS granted to it.
   * @param sequence where the message stands in the log, when it is read from there
   */
  wanting(
    topic: string,
    sequence = Infinity,
  ): { readonly clientId: string; readonly topic: string; readonly qos: 0 | 1 | 2 }[] {
    if (this.#filters.size === 0) return [];
    const greatest = new Map<string, 0 | 1 | 2>();
    for (const { session, qos, since } of this.#filters.match(topic))
      if (since < sequence && qos > (greatest.get(session.id) ?? 0)) greatest.set(session.id, qos);
    return Array.from(greatest, ([clientId, qos]) => ({ clientId, topic, qos }));
  }

  /** @returns false when the session's queue, or all of them together, are at their bound: it is not kept. */
  enqueue(id: string, packet: StoredPacket, qosMax: 0 | 1 | 2): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return true;
    const bytes = this.#queuedBytes + packet.payload.length;
    if (session.queue.length >= this.#limits.queuedPerSessionMax || bytes > this.#limits.queuedBytesMax) return false;
    session.queue.push(storedPacket(packet, packet.qos > qosMax ? qosMax : packet.qos));
    this.#queuedBytes = bytes;
    return true;
  }

  /** The oldest message of a session goes: its client may have had it. */
  dropOldest(id: string): void {
    const packet = this.#sessions.get(id)?.queue.shift();
    if (packet !== undefined) this.#queuedBytes -= packet.payload.length;
  }

  queued(id: string): StoredPacket[] {
    return [...(this.#sessions.get(id)?.queue ?? [])];
  }

  /** A queued message got its packet identifier, or a PUBREL takes the place of the message with its identifier. */
  update(id: string, packet: StoredPacket): void {
    const queue = this.#sessions.get(id)?.queue;
    if (queue === undefined) return;
    const { brokerId, brokerCounter, messageId } = packet;
    for (const [i, held] of queue.entries()) {
      if (brokerId !== undefined && held.brokerId === brokerId && held.brokerCounter === brokerCounter) {
        held.messageId = messageId;
        return;
      }
      if (brokerId === undefined && held.messageId === messageId) {
        this.#queuedBytes -= held.payload.length;
        queue[i] = { ...held, cmd: 'pubrel', payload: new Uint8Array(), brokerId: undefined, brokerCounter: undefined };
        return;
      }
    }
  }

  /** The client confirmed a message: it leaves the queue. */
  confirm(id: string, messageId: number | undefined): StoredPacket | undefined {
    const queue = this.#sessions.get(id)?.queue;
    const at = messageId === undefined ? -1 : (queue?.findIndex((held) => held.messageId === messageId) ?? -1);
    if (queue === undefined || at < 0) return undefined;
    const [packet] = queue.splice(at, 1);
    this.#queuedBytes -= packet!.payload.length;
    return packet;
  }

  /** The set of QoS 2 packet identifiers that a session's client has not released; undefined without a session. */
  incoming(id: string): Set<number> | undefined {
    return this.#sessions.get(id)?.incoming;
  }
}
