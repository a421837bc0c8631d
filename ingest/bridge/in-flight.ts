import { AckOrder, type Ticket } from '../ack-order.ts';

/** A message of another broker, on its way to the log. */
export interface Message {
  readonly messageId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
}

interface Entry extends Message {
  /** Of the connection that waits for its acknowledgement. */
  order: AckOrder;
  ticket: Ticket | null;
}

/** What of a bridge is on its way to the log. Acknowledgements go out in the order of arrival (MQTT 5, 4.6). */
export class InFlight {
  readonly #entries = new Set<Entry>();
  /** Those of QoS 1 and 2, by packet identifier. */
  readonly #byId = new Map<number, Entry>();
  #order = new AckOrder();

  get size(): number {
    return this.#entries.size;
  }

  /** Acknowledgements that were owed to that connection are owed to nobody: the broker sends again. */
  disconnected(): void {
    this.#order = new AckOrder();
  }

  /**
   * A message came; `acknowledge` is called when the log has it, null for QoS 0. A repeat of one that is on its way still
   * is acknowledged with that.
   * @returns what to call when it is stored; null for such a repeat
   */
  arrive(message: Message, dup: boolean, acknowledge: (() => void) | null): (() => void) | null {
    const before = dup ? this.#byId.get(message.messageId) : undefined;
    if (before !== undefined && acknowledge !== null && isSame(before, message)) {
      // Once more on the same connection: one acknowledgement is on its way.
      if (before.order === this.#order) return null;
      before.order = this.#order;
      before.ticket = this.#order.arrive(acknowledge);
      return null;
    }
    const ticket = acknowledge === null ? null : this.#order.arrive(acknowledge);
    const entry: Entry = { ...message, order: this.#order, ticket };
    this.#entries.add(entry);
    if (ticket !== null) this.#byId.set(message.messageId, entry);
    return () => this.#stored(entry);
  }

  #stored(entry: Entry): void {
    this.#entries.delete(entry);
    if (this.#byId.get(entry.messageId) === entry) this.#byId.delete(entry.messageId);
    if (entry.ticket !== null) entry.order.settle(entry.ticket);
  }
}

function isSame(a: Message, b: Message): boolean {
  return a.topic === b.topic && Buffer.compare(a.payload, b.payload) === 0;
}
