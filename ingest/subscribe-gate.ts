import type { AedesOptions, Client } from 'aedes';
import { connectionOf, Refused } from './connect-gate.ts';
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
  onSubscribed: (client: Client, filter: string, qos: 0 | 1 | 2) => void,
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
    if (subscriptionsOf(client) >= subscriptionsMax) {
      refusals.count('too-many-subscriptions');
      return done(null, null);
    }
    onSubscribed(client, topic, subscription.qos);
    done(null, subscription);
  };
}

function subscriptionsOf(client: Client): number {
  const { subscriptions } = client as unknown as { subscriptions: Readonly<Record<string, unknown>> };
  return Object.keys(subscriptions).length;
}

/** A subscriber that reads slowly gets fewer QoS 0 messages; one that does not read is let go. Nobody waits for it. */
export function createForwardGate(refusals: Refusals): AuthorizeForward {
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
    return packet;
  };
}
