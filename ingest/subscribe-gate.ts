import type { AedesOptions, Client } from 'aedes';
import type { AccessControl } from './access/access-control.ts';
import type { RefusalAudit } from './access/refusal-audit.ts';
import { connectionOf, identityOf, Refused } from './connect-gate.ts';
import type { Refusals } from './refusals.ts';
import { TopicFilters } from './topic-filters.ts';
import { isText } from './topic-text.ts';

/** Bytes not yet taken by a subscriber above which QoS 0 messages pass it by. */
const forwardBytesMax = 256 * 1024;
/** And above which it is disconnected. */
const unreadBytesMax = 4 * 1024 * 1024;

type AuthorizeSubscribe = NonNullable<AedesOptions['authorizeSubscribe']>;
type AuthorizeForward = NonNullable<AedesOptions['authorizeForward']>;

/**
 * A refused subscription is answered with 0x80 in the SUBACK (MQTT 3.1.1, 3.9.3); the others of the same SUBSCRIBE hold.
 * What is granted is counted here, at once: aedes enters it later, when many more may have been asked for.
 */
export function createSubscribeGate(
  refusals: Refusals,
  { subscriptionsMax }: { readonly subscriptionsMax: number },
  { access, audit }: { readonly access: AccessControl; readonly audit: RefusalAudit },
  onSubscribed: (client: Client, filter: string, qos: 0 | 1 | 2) => void,
): AuthorizeSubscribe {
  return (client, subscription, done) => {
    const { topic } = subscription;
    const connection = connectionOf(client);
    if (!isText(topic)) {
      refusals.count('bad-filter', connection.who);
      return done(new Refused('filter'));
    }
    // What the broker says of itself names every client.
    if (topic === '$SYS' || topic.startsWith('$SYS/')) {
      refusals.count('reserved-topic', connection.who);
      return done(null, null);
    }
    if (connection.filtersLeft-- <= 0) {
      refusals.count('too-many-filters', connection.who);
      return done(null, null);
    }
    const identity = identityOf(connection);
    if (!access.maySubscribe(identity, topic)) {
      refusals.count('topic-subscribe', connection.who);
      const { address } = connection.peer;
      const reason = 'No rule allows this subscription.';
      audit.refused('topic-subscribe', { who: identity.name, address, client: client.id, topic, reason });
      return done(null, null);
    }
    const { filters } = connection;
    if (filters.size >= subscriptionsMax && !filters.has(topic)) {
      refusals.count('too-many-subscriptions', connection.who);
      return done(null, null);
    }
    filters.add(topic);
    onSubscribed(client, topic, subscription.qos);
    done(null, subscription);
  };
}

/** A subscriber that reads slowly gets fewer QoS 0 messages; one that does not read is let go. Nobody waits for it. */
export function createForwardGate(refusals: Refusals, access: AccessControl): AuthorizeForward {
  return (client, packet) => {
    const connection = connectionOf(client);
    const unread = connection.writableLength;
    if (unread > unreadBytesMax && !connection.destroyed) {
      refusals.count('slow-subscriber', connection.who);
      connection.destroy();
    }
    if (unread > forwardBytesMax && packet.qos === 0) {
      refusals.count('forward-dropped', connection.who);
      return null;
    }
    // A session may be older than the rules, and outlive who made it.
    if (!access.maySubscribe(identityOf(connection), packet.topic)) {
      refusals.count('topic-forward', connection.who);
      return null;
    }
    return packet.qos === 2 && grantedQos(client, packet.topic) === 1 ? { ...packet, qos: 1 } : packet;
  };
}

/**
 * The greatest QoS of the client's subscriptions to a topic: no message is delivered with more (3.8.4). aedes looks at a
 * subscription to exactly this topic only.
 */
function grantedQos(client: Client, topic: string): number {
  const { subscriptions } = client as unknown as { subscriptions: Readonly<Record<string, { qos: number }>> };
  const filters = new TopicFilters<number>();
  for (const [filter, { qos }] of Object.entries(subscriptions)) filters.add(filter, qos);
  return Math.max(0, ...filters.match(topic));
}
