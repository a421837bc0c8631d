import type { AedesOptions, PublishPacket } from 'aedes';
import type { PublishRecord } from '../events/record.ts';
import type { AccessControl } from './access/access-control.ts';
import type { RefusalAudit } from './access/refusal-audit.ts';
import type { BoundedPersistence } from './bounded-persistence.ts';
import type { CommandService } from './commands/command-service.ts';
import { connectionOf, identityOf, Refused } from './connect-gate.ts';
import type { Held, SettledPosition } from './durable/settled-position.ts';
import type { LogWriter } from './log-writer.ts';
import type { Refusals } from './refusals.ts';
import type { Routing } from './routing.ts';
import { topicProblem } from './topic-text.ts';

export interface PublishGateOptions {
  readonly writer: LogWriter;
  readonly persistence: BoundedPersistence;
  readonly refusals: Refusals;
  readonly access: AccessControl;
  readonly audit: RefusalAudit;
  readonly partitionFor: (topic: string) => number;
  readonly nowUs: () => number;
  readonly settled: SettledPosition;
  readonly commands: CommandService;
  /** Retains it, queues it for sessions and gives it to subscribers, whatever becomes of its connection. */
  readonly route: Routing['route'];
  /** A publish of a client was taken in. */
  onPublish(topic: string, client: string): void;
  /** One was acknowledged, `ms` after it came. */
  onAcknowledged(ms: number): void;
}

/** The sequence of what is not in the log as a publish. */
const notInLog = 0;

type AuthorizePublish = NonNullable<AedesOptions['authorizePublish']>;

/**
 * Every publish passes here before aedes does anything with it, which acknowledges it (PUBACK, PUBREC) as soon as
 * `done` is called: for QoS 1 and 2 when the log has it and everything before it on the connection is acknowledged.
 */
export function createPublishGate(options: PublishGateOptions): AuthorizePublish {
  const { persistence, refusals, access, audit, nowUs, settled, commands, route, onAcknowledged } = options;

  return (client, packet, done) => {
    const kind = commands.rules.kindOf(packet.topic);
    const problem = topicProblem(packet.topic) ?? (kind.kind === 'command' ? 'command-topic' : null);
    if (problem !== null) {
      refusals.count(problem, client?.id ?? '');
      return done(new Refused(problem));
    }
    const connection = client === null ? null : connectionOf(client);
    // Wills were judged when they came, with the CONNECT; they count for what their client was allowed then.
    if (connection !== null && !isWill(packet) && !access.mayPublish(identityOf(connection), packet.topic)) {
      const { name: who } = identityOf(connection);
      refusals.count('topic-publish', client!.id);
      audit.refused('topic-publish', {
        who,
        address: connection.peer.address,
        client: client!.id,
        topic: packet.topic,
        reason: 'No rule allows publishing to this topic.',
      });
      return done(new Refused('topic-publish'));
    }
    const record = publishRecord(packet, client?.id ?? willOwner(packet), connection?.id ?? '', nowUs());
    // An answer to a command becomes a step of it: it is no reading.
    const store = (onStored: (sequence: number) => void) => {
      if (kind.kind === 'answer') return commands.takeAnswer(kind, packet, record.client, () => onStored(notInLog));
      options.onPublish(packet.topic, record.client);
      options.writer.append(options.partitionFor(packet.topic), record, onStored);
    };
    if (connection === null || isWill(packet)) {
      const held = settled.begin();
      return store((sequence) => {
        route(packet, client, sequence, () => settled.end(held));
        done();
      });
    }
    const bytes = record.payload.length;
    connection.took(bytes);
    if (packet.qos === 0) {
      if (options.writer.atCap) {
        options.onPublish(packet.topic, record.client);
        refusals.count('qos0-dropped', client!.id);
        connection.settled(bytes);
      } else {
        const held = settled.begin();
        store(() => {
          settled.end(held);
          connection.settled(bytes);
        });
      }
      return done();
    }
    const { packetId } = record;
    if (packetId < 1) {
      refusals.count('malformed', client!.id);
      return done(new Refused('packet identifier 0 (MQTT-2.3.1-1)'));
    }
    const cameMs = performance.now();
    let held: Held | null = null;
    let sequence = notInLog;
    const ticket = connection.acks.arrive(() => {
      if (packet.qos === 2) connection.arriving.delete(packetId);
      connection.settled(bytes);
      onAcknowledged(performance.now() - cameMs);
      // Before the acknowledgement: what is acknowledged is never left undone by a connection that breaks.
      if (held !== null) {
        const begun = held;
        route(packet, client, sequence, () => settled.end(begun));
      }
      done();
    });
    if (packet.qos === 2) {
      // Until its PUBREL the same identifier is the same message (MQTT-4.3.3-2): its first coming went to the log, or
      // is on its way there and stands before this one in the order of acknowledgements.
      const again = connection.arriving.has(packetId) || persistence.holdsIncoming(client!, packetId);
      if (again) return connection.acks.settle(ticket);
      connection.arriving.add(packetId);
    }
    held = settled.begin();
    store((stored) => {
      sequence = stored;
      connection.acks.settle(ticket);
    });
  };
}

/** A will comes out of a CONNECT: it is no packet of its own. */
function isWill(packet: PublishPacket): boolean {
  return packet.cmd !== 'publish';
}

function willOwner(packet: PublishPacket): string {
  const { clientId } = packet as { clientId?: unknown };
  return typeof clientId === 'string' ? clientId : '';
}

function publishRecord(packet: PublishPacket, client: string, connection: string, nowUs: number): PublishRecord {
  return {
    kind: 'publish',
    client,
    connection,
    packetId: packet.qos === 0 || isWill(packet) ? 0 : (packet.messageId ?? 0),
    topic: packet.topic,
    payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
    qos: packet.qos,
    retain: packet.retain,
    dup: packet.dup ?? false,
    receivedAtUs: nowUs,
  };
}
