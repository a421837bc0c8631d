import type { StoredPacket } from './stored-packet.ts';

export interface RetainedLimits {
  readonly retainedTopicsMax: number;
  /** Topics and payloads together, bytes. */
  readonly retainedBytesMax: number;
}

/** The last retained message of each topic, bounded: at a bound a new one is not kept, and those there stay. */
export class RetainedStore {
  #bytes = 0;
  readonly #packets = new Map<string, StoredPacket>();
  readonly #limits: RetainedLimits;

  constructor(limits: RetainedLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#packets.size;
  }

  /** An empty payload removes. @returns false when there was no room: the older message of the topic is gone too. */
  store(packet: StoredPacket): boolean {
    const before = this.#packets.get(packet.topic);
    if (before !== undefined) {
      this.#packets.delete(packet.topic);
      this.#bytes -= bytesOf(before);
    }
    if (packet.payload.length === 0) return true;
    const bytes = this.#bytes + bytesOf(packet);
    if (this.#packets.size >= this.#limits.retainedTopicsMax || bytes > this.#limits.retainedBytesMax) return false;
    this.#packets.set(packet.topic, packet);
    this.#bytes = bytes;
    return true;
  }

  values(): IterableIterator<StoredPacket> {
    return this.#packets.values();
  }
}

function bytesOf({ topic, payload }: StoredPacket): number {
  return topic.length + payload.length;
}
