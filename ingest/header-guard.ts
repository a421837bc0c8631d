/**
 * Reads MQTT 3.1.1 fixed headers (section 2.2) ahead of the broker, which has no limit on packet size: a socket that
 * announces a 256 MB CONNECT would make it hold 200 MB before anybody is known. Looks at headers only, skips bodies,
 * takes chunks as the network cuts them. Pure.
 *
 *     connect --CONNECT complete--> hold --accepted()--> open
 *
 * `refused` is for good: the connection has to be closed.
 */
export interface GuardLimits {
  /** Remaining length of a CONNECT, bytes: identifiers, a will, credentials. */
  readonly connectBytesMax: number;
  /** Payload of a PUBLISH, bytes. */
  readonly payloadBytesMax: number;
  /** Topic of a PUBLISH, bytes. */
  readonly topicBytesMax: number;
  /** Remaining length of SUBSCRIBE and UNSUBSCRIBE, bytes. */
  readonly controlBytesMax: number;
}

export type GuardRefusal = 'malformed' | 'not-connect' | 'connect-too-large' | 'too-large';

/**
 * `pass`: the first `end` bytes of the chunk may go on; they hold the beginnings of `publishes` publishes and, with
 * these, of `messages` that ask for something (no confirmations).
 * What is left (none, unless the credit is used up or the CONNECT waits for its answer) is to be given again.
 */
export type Verdict =
  | { readonly kind: 'pass'; readonly end: number; readonly publishes: number; readonly messages: number }
  | { readonly kind: 'refuse'; readonly reason: GuardRefusal };

const type = { connect: 1, publish: 3, subscribe: 8, unsubscribe: 10, ping: 12, disconnect: 14 } as const;
/** Kinds that count as messages, by their number: what a client may flood with. */
const isMessage = among(type.publish, type.subscribe, type.unsubscribe, type.ping);

/** Per packet type (high nibble): flags demanded (2.2.2), and the exact remaining length where there is one. */
const confirmation = { flags: 0, length: 2 };
const rules: readonly ({ readonly flags: number; readonly length?: number } | null)[] = [
  null,
  { flags: 0 }, // CONNECT
  null, // CONNACK: from servers only, like SUBACK, UNSUBACK, PINGRESP
  { flags: 0 }, // PUBLISH: its flags mean something
  confirmation, // PUBACK
  confirmation, // PUBREC
  { flags: 2, length: 2 }, // PUBREL
  confirmation, // PUBCOMP
  { flags: 2 }, // SUBSCRIBE
  null,
  { flags: 2 }, // UNSUBSCRIBE
  null,
  { flags: 0, length: 0 }, // PINGREQ
  null,
  { flags: 0, length: 0 }, // DISCONNECT
  null,
];

function among(...kinds: number[]): readonly boolean[] {
  return Array.from({ length: 16 }, (_, kind) => kinds.includes(kind));
}

export class HeaderGuard {
  /** The client said goodbye: a DISCONNECT passed. */
  saidGoodbye = false;
  readonly #limits: GuardLimits;
  #phase: 'connect' | 'hold' | 'open' | 'refused' = 'connect';
  #reading: 'type' | 'length' | 'topic' | 'body' = 'type';
  /** First byte of the packet being read. */
  #first = 0;
  /** Remaining length so far, and how much the next length byte weighs. */
  #remaining = 0;
  #weight = 1;
  /** Bytes of the body not seen yet. */
  #body = 0;
  /** Topic length so far, and how many of its two bytes are read. */
  #topic = 0;
  #topicBytes = 0;

  constructor(limits: GuardLimits) {
    this.#limits = limits;
  }

  /** The CONNECT was accepted: what comes is not held for its answer. */
  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** Bytes that passed of a packet whose end has not: the broker's parser holds them. */
  get unfinishedBytes(): number {
    return this.#reading === 'body' ? this.#remaining - this.#body : 0;
  }

  /** The broker accepted the CONNECT: what follows it may pass. */
  accepted(): void {
    if (this.#phase === 'hold') this.#phase = 'open';
  }

  /** @param publishesMax how many more publishes may begin. @param messagesMax and how many more messages */
  scan(chunk: Uint8Array, publishesMax: number, messagesMax = Number.POSITIVE_INFINITY): Verdict {
    let publishes = 0;
    let messages = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#phase === 'refused') return { kind: 'refuse', reason: 'malformed' };
      if (this.#reading === 'body') {
        const skipped = Math.min(this.#body, chunk.length - at);
        this.#body -= skipped;
        at += skipped;
        if (this.#body === 0) this.#endPacket();
        continue;
      }
      const byte = chunk[at]!;
      if (this.#reading === 'type') {
        if (this.#phase === 'hold') break;
        const publish = byte >> 4 === type.publish;
        if (publish && publishes >= publishesMax) break;
        if (isMessage[byte >> 4]) {
          if (messages + 1 > messagesMax) break;
          messages++;
        }
        if (publish) publishes++;
      }
      at++;
      const refused = this.#take(byte);
      if (refused !== null) {
        this.#phase = 'refused';
        return { kind: 'refuse', reason: refused };
      }
    }
    return { kind: 'pass', end: at, publishes, messages };
  }

  #take(byte: number): GuardRefusal | null {
    if (this.#reading === 'type') return this.#takeType(byte);
    if (this.#reading === 'length') return this.#takeLength(byte);
    return this.#takeTopicLength(byte);
  }

  #takeType(byte: number): GuardRefusal | null {
    const kind = byte >> 4;
    const rule = rules[kind];
    if (!rule) return 'malformed';
    if (kind === type.publish ? (byte & 6) === 6 : (byte & 15) !== rule.flags) return 'malformed';
    if ((this.#phase === 'connect') !== (kind === type.connect)) return 'not-connect';
    this.#first = byte;
    this.#remaining = 0;
    this.#weight = 1;
    this.#reading = 'length';
    return null;
  }

  #takeLength(byte: number): GuardRefusal | null {
    this.#remaining += (byte & 127) * this.#weight;
    this.#weight *= 128;
    if (byte & 128) return this.#weight > 128 ** 3 ? 'malformed' : null;
    return this.#judgeLength(this.#first >> 4, this.#remaining);
  }

  #judgeLength(kind: number, length: number): GuardRefusal | null {
    const { connectBytesMax, payloadBytesMax, topicBytesMax, controlBytesMax } = this.#limits;
    const exact = rules[kind]!.length;
    if (exact !== undefined && length !== exact) return 'malformed';
    if (kind === type.connect && length > connectBytesMax) return 'connect-too-large';
    if ((kind === type.subscribe || kind === type.unsubscribe) && length > controlBytesMax) return 'too-large';
    if (kind === type.publish) {
      if (length > 2 + topicBytesMax + 2 + payloadBytesMax) return 'too-large';
      if (length < 2) return 'malformed';
      this.#topic = 0;
      this.#topicBytes = 0;
      this.#reading = 'topic';
      return null;
    }
    this.#beginBody(length);
    return null;
  }

  #takeTopicLength(byte: number): GuardRefusal | null {
    this.#topic = this.#topic * 256 + byte;
    if (++this.#topicBytes < 2) return null;
    const packetId = (this.#first & 6) === 0 ? 0 : 2;
    const payload = this.#remaining - 2 - this.#topic - packetId;
    if (payload < 0) return 'malformed';
    if (payload > this.#limits.payloadBytesMax || this.#topic > this.#limits.topicBytesMax) return 'too-large';
    this.#beginBody(this.#remaining - 2);
    return null;
  }

  #beginBody(length: number): void {
    this.#body = length;
    this.#reading = 'body';
    if (length === 0) this.#endPacket();
  }

  #endPacket(): void {
    const kind = this.#first >> 4;
    if (kind === type.connect) this.#phase = 'hold';
    if (kind === type.disconnect) this.saidGoodbye = true;
    this.#reading = 'type';
  }
}
