import { networkOf } from '../../infra/config/loopback.ts';
import type { Identity } from '../access/identity.ts';
import type { ClientRates } from '../client-rates.ts';
import { TokenBucket } from '../token-bucket.ts';
import { comeAgain } from './answer.ts';

/** Senders remembered; those that come when it is full share one entry, and so its rates. */
const sendersMax = 20_000;

interface Known {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
}

/** The rates of who sends one request. Times are `performance.now()`. */
export interface SenderRate {
  /** A request comes; so many bytes of body are announced. @throws RequestRefused 429 while it has to wait */
  begin(announcedBytes: number, nowMs: number): void;
  /** Its body came, unpacked. */
  came(bytes: number): void;
  /** So many messages are about to go to the log. @throws RequestRefused 429 while it has to wait: none of them goes */
  send(messages: number, nowMs: number): void;
}

/**
 * How much each sender may bring over HTTP: one identity, and of those without one each address (IPv6: each /64). What is
 * larger than a second's worth passes at once and is waited for afterwards, as over MQTT.
 */
export class SenderRates {
  readonly #rates: Pick<ClientRates, 'messagesPerSecond' | 'bytesPerSecond'>;
  readonly #known = new Map<string, Known>();

  constructor(rates: Pick<ClientRates, 'messagesPerSecond' | 'bytesPerSecond'>) {
    this.#rates = rates;
  }

  of({ kind, name }: Identity, address: string, nowMs: number): SenderRate {
    const { messages, bytes } = this.#find(
      kind === 'anonymous' ? `address ${networkOf(address)}` : `name ${name}`,
      nowMs,
    );
    const { messagesPerSecond, bytesPerSecond } = this.#rates;
    const mustWait = (bucket: TokenBucket, code: string, bound: string, atMs: number) => {
      if (bucket.available(atMs) > 0) return;
      const seconds = Math.max(1, Math.ceil(bucket.waitMs(1, atMs) / 1_000));
      throw comeAgain(429, code, `This sender brought more than ${bound}: come again in ${seconds} s.`, seconds);
    };
    const tooMany = `${messagesPerSecond} messages a second (limits.messagesPerSecond)`;
    const tooMuch = `${bytesPerSecond} bytes a second (limits.bytesPerSecond)`;
    let taken = 0;
    return {
      begin(announcedBytes, atMs) {
        mustWait(messages, 'message-rate', tooMany, atMs);
        mustWait(bytes, 'byte-rate', tooMuch, atMs);
        // At once: of requests that come together the later ones see what the earlier ones bring.
        bytes.take((taken = announcedBytes));
      },
      came: (count) => bytes.take(count - taken),
      send(count, atMs) {
        mustWait(messages, 'message-rate', tooMany, atMs);
        messages.take(count);
      },
    };
  }

  #find(key: string, nowMs: number): Known {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= sendersMax) this.#sweep(nowMs);
    if (this.#known.size >= sendersMax && key !== others) return this.#find(others, nowMs);
    const { messagesPerSecond, bytesPerSecond } = this.#rates;
    const found = {
      messages: new TokenBucket(messagesPerSecond, nowMs),
      bytes: new TokenBucket(bytesPerSecond, nowMs),
    };
    this.#known.set(key, found);
    return found;
  }

  /** Forgets who may bring a full second's worth again. */
  #sweep(nowMs: number): void {
    const { messagesPerSecond, bytesPerSecond } = this.#rates;
    for (const [key, { messages, bytes }] of this.#known)
      if (messages.available(nowMs) >= messagesPerSecond && bytes.available(nowMs) >= bytesPerSecond)
        this.#known.delete(key);
  }
}

const others = 'others';
