import type { Client } from 'aedes';
import { generate } from 'mqtt-packet';
import { namesDevice } from '../../events/command-topics.ts';
import type { DeviceConnection } from '../connection.ts';
import { connectionOf } from '../connect-gate.ts';
import { TopicFilters } from '../topic-filters.ts';
import type { CommandRules } from './command-rules.ts';

/** What is to be sent to a device. */
export interface Outgoing {
  /** Of the command. */
  readonly id: string;
  /** The device's MQTT client; empty when not known. */
  readonly client: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
}

/** `qos`: what the subscription allowed. */
export interface Delivered {
  readonly client: string;
  readonly qos: 0 | 1;
}

interface Holder {
  readonly client: Client;
  readonly filter: string;
  readonly qos: 0 | 1 | 2;
}

/** A connection holds the packet identifiers of so many unacknowledged messages; of more, the oldest are forgotten. */
const unacknowledgedMax = 200;
/** A device that has taken less than all but so many bytes of what it was sent is not sent more. */
const unreadBytesMax = 256 * 1024;

/**
 * Sends messages to the device that a topic names: to the client that the request names, else to one whose subscription
 * names this very device. Others who watch the topics of many devices are not the device, and their PUBACK is not its.
 */
export class DeviceDelivery {
  readonly #rules: CommandRules;
  readonly #filters = new TopicFilters<Holder>();
  readonly #holders = new Map<DeviceConnection, Map<string, Holder>>();
  /** By connection: packet identifier -> id of the command. */
  readonly #unacknowledged = new WeakMap<DeviceConnection, Map<number, string>>();
  readonly #onAcknowledged: (id: string, client: string) => void;

  /** @param onAcknowledged a client sent the PUBACK of a message */
  constructor(rules: CommandRules, onAcknowledged: (id: string, client: string) => void) {
    this.#rules = rules;
    this.#onAcknowledged = onAcknowledged;
  }

  subscribed(client: Client, filter: string, qos: 0 | 1 | 2): void {
    const connection = connectionOf(client);
    let held = this.#holders.get(connection);
    if (held === undefined) this.#holders.set(connection, (held = new Map()));
    const before = held.get(filter);
    if (before !== undefined) this.#filters.remove(filter, before);
    const holder = { client, filter, qos };
    held.set(filter, holder);
    this.#filters.add(filter, holder);
  }

  unsubscribed(client: Client, filters: readonly string[]): void {
    const held = this.#holders.get(connectionOf(client));
    for (const filter of filters) {
      const holder = held?.get(filter);
      if (holder === undefined) continue;
      held!.delete(filter);
      this.#filters.remove(filter, holder);
    }
  }

  left(connection: DeviceConnection): void {
    for (const [filter, holder] of this.#holders.get(connection) ?? []) this.#filters.remove(filter, holder);
    this.#holders.delete(connection);
  }

  /** Sends it to whoever is the device here. @returns null when it is not here, or takes nothing at present. */
  send(message: Outgoing): Delivered | null {
    const { topic, qos } = message;
    const ready = this.#filters.match(topic).filter(({ client }) => isReady(client));
    const byClient = ready.filter(({ client }) => client.id === message.client);
    const template = this.#rules.templateOf(topic);
    const byName = () => ready.filter(({ filter }) => template === null || namesDevice(template, filter, topic));
    const holders = byClient.length > 0 ? byClient : byName();
    let delivered: Delivered | null = null;
    for (const client of new Set(holders.map((holder) => holder.client))) {
      const granted = Math.max(...holders.filter((holder) => holder.client === client).map((holder) => holder.qos));
      const sent = { client: client.id, qos: granted === 0 ? 0 : qos };
      this.#write(client, message, sent.qos);
      if (delivered === null || sent.qos > delivered.qos) delivered = sent;
    }
    return delivered;
  }

  /** Every PUBACK of a client comes here first. */
  puback(client: Client, messageId: number): void {
    const ids = this.#unacknowledged.get(connectionOf(client));
    const id = ids?.get(messageId);
    if (id === undefined) return;
    ids!.delete(messageId);
    this.#onAcknowledged(id, client.id);
  }

  #write(client: Client, { id, topic, payload }: Outgoing, qos: 0 | 1): void {
    const connection = connectionOf(client);
    const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), retain: false, dup: false } as const;
    if (qos === 0) {
      connection.write(generate({ ...packet, qos }));
      return;
    }
    const messageId = nextMessageId(client);
    let ids = this.#unacknowledged.get(connection);
    if (ids === undefined) this.#unacknowledged.set(connection, (ids = new Map()));
    if (ids.size >= unacknowledgedMax) ids.delete(ids.keys().next().value!);
    ids.set(messageId, id);
    connection.write(generate({ ...packet, qos, messageId }));
  }
}

/** Its CONNECT has its answer, and it reads. */
function isReady(client: Client): boolean {
  const connection = connectionOf(client);
  return client.connected && !connection.destroyed && connection.writableLength < unreadBytesMax;
}

/** aedes' own counter of packet identifiers towards a client; not in its types. */
function nextMessageId(client: Client): number {
  const counter = '_nextId';
  const counting = client as unknown as { [counter]: number };
  const messageId = counting[counter];
  counting[counter] = messageId >= 65_535 ? 1 : messageId + 1;
  return messageId;
}
