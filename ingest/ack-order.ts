/** An acknowledgement that is owed. */
export interface Ticket {
  settled: boolean;
  readonly release: () => void;
}

/**
 * Acknowledgements of one connection go out in the order in which their publishes came in (MQTT-4.6.0-2), though
 * partitions of the log answer in any order. Bounded by the connection's unacknowledged publishes.
 */
export class AckOrder {
  #queue: Ticket[] = [];
  #head = 0;

  /** A publish came in; `release` sends its acknowledgement when its turn has come. */
  arrive(release: () => void): Ticket {
    const ticket = { settled: false, release };
    this.#queue.push(ticket);
    return ticket;
  }

  /** The log has it: releases it and what waited behind it, or remembers it while an earlier one is open. */
  settle(ticket: Ticket): void {
    ticket.settled = true;
    while (this.#head < this.#queue.length && this.#queue[this.#head]!.settled) this.#queue[this.#head++]!.release();
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 256) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
