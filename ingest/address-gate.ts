import { isLoopback, networkOf } from '../infra/config/loopback.ts';
import { TokenBucket } from './token-bucket.ts';

export interface AddressLimits {
  /** New connections of one address in a second; a burst of as many. */
  readonly connectionsPerSecond: number;
  /** Open ones of one address: no single one takes all that there are. */
  readonly connectionsPerAddressMax: number;
  /** Whether this machine's own addresses are limited, too. */
  readonly limitLoopback: boolean;
}

/** Addresses remembered; those that come when it is full share one entry, and so its limits. */
const addressesMax = 20_000;

interface Known {
  readonly bucket: TokenBucket;
  open: number;
}

/** `leave` is to be called once when the connection ends. */
export type Admission =
  | { readonly kind: 'admitted'; leave(): void }
  | { readonly kind: 'refused'; readonly reason: 'connection-rate' | 'address-connections' };

const free: Admission = { kind: 'admitted', leave: () => {} };

/** Who may open one more connection. Knows no socket and no clock: times are arguments, ms. */
export class AddressGate {
  readonly #limits: AddressLimits;
  readonly #known = new Map<string, Known>();

  constructor(limits: AddressLimits) {
    this.#limits = limits;
  }

  /** A connection comes. */
  admit(address: string, nowMs: number): Admission {
    const { connectionsPerSecond, connectionsPerAddressMax } = this.#limits;
    if (!this.#limits.limitLoopback && isLoopback(address)) return free;
    const key = this.#keyOf(address);
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { bucket: new TokenBucket(connectionsPerSecond, nowMs), open: 0 };
      this.#known.set(key, known);
    }
    if (known.open >= connectionsPerAddressMax) return { kind: 'refused', reason: 'address-connections' };
    if (known.bucket.available(nowMs) < 1) return { kind: 'refused', reason: 'connection-rate' };
    const one = known;
    one.bucket.take(1);
    one.open++;
    return { kind: 'admitted', leave: () => void one.open-- };
  }

  /** Forgets who has nothing open and a full burst again; to be called now and then. */
  sweep(nowMs: number): void {
    const { connectionsPerSecond } = this.#limits;
    for (const [key, { bucket, open }] of this.#known)
      if (open === 0 && bucket.available(nowMs) >= connectionsPerSecond) this.#known.delete(key);
  }

  #keyOf(address: string): string {
    const key = networkOf(address);
    return this.#known.has(key) || this.#known.size < addressesMax ? key : others;
  }
}

const others = 'others';
