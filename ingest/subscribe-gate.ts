import type { AedesOptions, Client } from 'aedes';
import type { AccessControl } from './access/access-control.ts';
import type { RefusalAudit } from './access/refusal-audit.ts';
import { connectionOf, identityOf, Refused } from './connect-gate.ts';
import type { Refusals } from './refusals.ts';
import { isText } from './topic-text.ts';

/** Bytes not yet taken by a subscriber above which QoS 0 messages pass it by. */
const forwardBytesMax = 256 * 1024;
/** And above which it is disconnected. */
const unreadBytesMax = 4 * 1024 * 1024;

type AuthorizeSubscribe = NonNullable<AedesOptions['authorizeSubscribe']>;
type AuthorizeForward = NonNullable<AedesOptions['authorizeForward']>;

/** A refused subscription is answered with 0x80 in the SUBACK (MQTT 3.1.1, 3.9.3). */
export function createSubscribeGate(
  refusals: Refusals,
  subscriptionsMax: number,
  access: AccessControl,
  audit: RefusalAudit,
): AuthorizeSubscribe {
  return (client, subscription, done) => {
    const { topic } = subscription;
    if (!isText(topic)) {
      refusals.count('bad-filter');
      return done(new Refused('filter'));
    }
    // What the broker says of itself names every client.
    if (topic === '$SYS' || topic.startsWith('$SYS/')) {
      refusals.count('reserved-topic');
      return done(null, null);
    }
    const connection = connectionOf(client);
    const identity = identityOf(connection);
    if (!access.maySubscribe(identity, topic)) {
      refusals.count('topic-subscribe');
      const { address } = connection.peer;
      const reason = 'No rule allows this subscription.';
      audit.refused('topic-subscribe', { who: identity.name, address, client: client.id, topic, reason });
      return done(null, null);
    }
    if (subscriptionsOf(client) >= subscriptionsMax) {
      refusals.count('too-many-subscriptions');
      return done(null, null);
    }
    done(null, subscription);
  };
}

function subscriptionsOf(client: Client): number {
  const { subscriptions } = client as unknown as { subscriptions: Readonly<Record<string, unknown>> };
  return Object.keys(subscriptions).length;
}

/** A subscriber that reads slowly gets fewer QoS 0 messages; one that does not read is let go. Nobody waits for it. */
export function createForwardGate(refusals: Refusals, access: AccessControl): AuthorizeForward {
  return (client, packet) => {
    const connection = connectionOf(client);
    const unread = connection.writableLength;
    if (unread > unreadBytesMax && !connection.destroyed) {
      refusals.count('slow-subscriber');
      connection.destroy();
    }
    if (unread > forwardBytesMax && packet.qos === 0) {
      refusals.count('forward-dropped');
      return null;
    }
    // A session may be older than the rules, and outlive who made it.
    if (!access.maySubscribe(identityOf(connection), packet.topic)) {
      refusals.count('topic-forward');
      return null;
    }
    return packet;
  };
}
