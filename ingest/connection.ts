import { Duplex } from 'node:stream';
import type { Identity } from './access/identity.ts';
import { AckOrder } from './ack-order.ts';
import type { ClientRates } from './client-rates.ts';
import { HeaderGuard, type GuardLimits, type GuardRefusal } from './header-guard.ts';
import type { Peer } from './peer.ts';
import { TokenBucket } from './token-bucket.ts';

/** Who is over a rate waits at least so long, ms: not a timer for each message. */
const rateWaitMs = 20;
/** Unstored publishes may come with so many bytes of payload: one that sends the largest does not fill what all may have waiting. */
const unstoredBytesMax = 1024 * 1024;
/** How long a refused connection may take to read the answer that refuses it, ms. */
const lingerMs = 1_000;
/** Writes up to so many bytes are joined to one. */
const joinedBytesMax = 64 * 1024;

export interface ConnectAsked {
  readonly clientId: string;
  readonly clean: boolean;
  readonly willTopic: string | null;
}

export interface ConnectionOptions {
  /** Unique per start of the process and socket. */
  readonly id: string;
  readonly peer: Peer;
  readonly limits: GuardLimits & ClientRates;
  onRefused(reason: GuardRefusal | 'message-rate' | 'byte-rate' | 'unacknowledged'): void;
  /** So many more bytes of packets without an end are held for it, fewer when negative. */
  onUnfinished(bytes: number): void;
}

/**
 * What the broker takes for its client's socket: the socket behind the header guard. It is read only while the broker
 * may take more: while sensors are listened to, the CONNECT has its answer, and not too much of it waits for the log.
 */
export class DeviceConnection extends Duplex {
  readonly id: string;
  readonly acks = new AckOrder();
  /** Packet identifiers of QoS 2 publishes on their way to the log. At most unacknowledgedMax. */
  readonly arriving = new Set<number>();
  /** Client id once the broker registered it; null before. (aedes puts its own `client` on its sockets.) */
  registeredAs: string | null = null;
  /** Filters it is subscribed to, and those on their way there. */
  readonly filters = new Set<string>();
  /** Filters that the SUBSCRIBE in hand may still hold. */
  filtersLeft = Number.POSITIVE_INFINITY;
  /** Of the CONNECT: what it asked for. */
  asked: ConnectAsked = { clientId: '', clean: true, willTopic: null };
  /** Who it proved to be; null before the CONNECT was accepted. */
  identity: Identity | null = null;
  readonly peer: Peer;
  /** When bytes last came, or when it was last not read for our own reasons (`performance.now()`). */
  heardAtMs = performance.now();
  /** Silence after which it is closed, ms. */
  silenceMaxMs = Number.POSITIVE_INFINITY;
  readonly #socket: Duplex;
  readonly #guard: HeaderGuard;
  readonly #onRefused: ConnectionOptions['onRefused'];
  readonly #onUnfinished: ConnectionOptions['onUnfinished'];
  /** Bytes of the packet in hand that the broker's parser holds. */
  unfinishedBytes = 0;
  readonly #unstoredMax: number;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  /** Set while it waits for its rate. */
  #rateTimer: NodeJS.Timeout | null = null;
  #unstored = 0;
  /** Its next publish waits until the log has some of those before it. */
  #waitsForLog = false;
  #unstoredBytes = 0;
  #held: Uint8Array | null = null;
  #wanted = false;
  #listening = true;
  #scheduled = false;
  #ended = false;

  constructor(socket: Duplex, options: ConnectionOptions) {
    super({ readableHighWaterMark: 64 * 1024, writableHighWaterMark: 64 * 1024, allowHalfOpen: false });
    this.#socket = socket;
    this.id = options.id;
    this.peer = options.peer;
    const { messagesPerSecond, bytesPerSecond, unacknowledgedMax } = options.limits;
    this.#unstoredMax = unacknowledgedMax;
    this.#messages = new TokenBucket(messagesPerSecond, this.heardAtMs);
    this.#bytes = new TokenBucket(bytesPerSecond, this.heardAtMs);
    this.#guard = new HeaderGuard(options.limits);
    this.#onRefused = options.onRefused;
    this.#onUnfinished = options.onUnfinished;
    socket.on('data', (chunk: Uint8Array) => this.#arrived(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', (error: Error) => this.destroy(error));
    socket.on('close', () => this.#end());
  }

  /** It said goodbye with a DISCONNECT. */
  get saidGoodbye(): boolean {
    return this.#guard.saidGoodbye;
  }

  /** Nothing is read from it at present, so it cannot be blamed for silence. */
  get unread(): boolean {
    return !this.#listening || this.#held !== null;
  }

  /** Who it is, for the log: its client id once that is known to be its own, before that its address. */
  get who(): string {
    return this.registeredAs ?? this.peer.address;
  }

  /** The CONNECT was answered with 0. */
  accept(): void {
    this.#guard.accepted();
    this.#schedule();
  }

  /** Resolves when what was written so far is with the socket, or it is closed. */
  written(): Promise<void> {
    if (this.destroyed || this.writableEnded || this.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => this.write(new Uint8Array(), () => resolve()));
  }

  /** Reads it, or leaves what it sends in the network. */
  listen(listening: boolean): void {
    this.#listening = listening;
    if (this.#ended && !listening) this.destroy();
    else this.#schedule();
  }

  /** One of its publishes came, with so many bytes of payload. */
  took(bytes: number): void {
    this.#unstoredBytes += bytes;
  }

  /** It is settled: stored and acknowledged, or dropped. */
  settled(bytes: number): void {
    this.#unstored--;
    this.#unstoredBytes -= bytes;
    if (this.#held !== null) this.#schedule();
  }

  /** How many more publishes may begin. */
  get #credit(): number {
    return this.#unstoredBytes >= unstoredBytesMax ? 0 : this.#unstoredMax - this.#unstored;
  }

  /** What came before the end still counts and waits for its turn, unless nobody is listened to. */
  #end(): void {
    this.#ended = true;
    if (!this.#listening) this.destroy();
    else this.#schedule();
  }

  #arrived(chunk: Uint8Array): void {
    this.heardAtMs = performance.now();
    this.#held = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#forward();
  }

  /**
   * In the next tick, never at once: the broker asks for more in the middle of parsing, and its parser is not
   * re-entrant.
   */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#forward();
    });
  }

  #forward(): void {
    if (this.destroyed) return;
    while (this.#held !== null && this.#wanted && this.#listening && this.#rateTimer === null) {
      const nowMs = performance.now();
      if (this.#bytes.available(nowMs) <= 0) {
        this.#waitForRate('byte-rate', this.#bytes.waitMs(1, nowMs));
        break;
      }
      const messagesMax = this.#messages.available(nowMs);
      const credit = this.#credit;
      if (credit > 0) this.#waitsForLog = false;
      const verdict = this.#guard.scan(this.#held, credit, messagesMax);
      if (verdict.kind === 'refuse') {
        this.#held = null;
        this.#onRefused(verdict.reason);
        this.destroy();
        return;
      }
      if (verdict.publishes >= credit && verdict.end < this.#held.length) this.#waitForLog();
      if (verdict.end === 0) {
        if (messagesMax < 1 && this.#guard.isOpen && credit > 0)
          this.#waitForRate('message-rate', this.#messages.waitMs(1, nowMs));
        break;
      }
      this.#unstored += verdict.publishes;
      this.#messages.take(verdict.messages);
      this.#bytes.take(verdict.end);
      const whole = verdict.end === this.#held.length;
      const passed = whole ? this.#held : this.#held.subarray(0, verdict.end);
      this.#held = whole ? null : this.#held.subarray(verdict.end);
      this.#wanted = this.push(passed);
      this.#holds(this.#guard.unfinishedBytes);
      if (this.destroyed) return;
    }
    if (this.#ended) {
      if (this.#held === null) this.push(null);
      return;
    }
    const read = this.#held === null && this.#wanted && this.#listening;
    if (read === this.#socket.isPaused()) {
      if (read) this.#socket.resume();
      else this.#socket.pause();
    }
  }

  #holds(bytes: number): void {
    const more = bytes - this.unfinishedBytes;
    if (more === 0) return;
    this.unfinishedBytes = bytes;
    this.#onUnfinished(more);
  }

  /** It is not read until the log has some of its publishes: `settled` reads on. */
  #waitForLog(): void {
    if (this.#waitsForLog) return;
    this.#waitsForLog = true;
    this.#onRefused('unacknowledged');
  }

  /** It is not read until it may send again. Its silence meanwhile is ours. */
  #waitForRate(reason: 'message-rate' | 'byte-rate', ms: number): void {
    this.#onRefused(reason);
    this.#rateTimer = setTimeout(
      () => {
        this.#rateTimer = null;
        this.#forward();
      },
      Math.max(rateWaitMs, Math.ceil(ms)),
    );
  }

  override _read(): void {
    this.#wanted = true;
    this.#schedule();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    // Many small ones (acknowledgements) as one; large ones are not copied.
    const bytes = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
    if (bytes <= joinedBytesMax) {
      this.#socket.write(
        Buffer.concat(
          chunks.map(({ chunk }) => chunk),
          bytes,
        ),
        done,
      );
      return;
    }
    this.#socket.cork();
    for (const [i, { chunk }] of chunks.entries())
      this.#socket.write(chunk, i === chunks.length - 1 ? done : undefined);
    this.#socket.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  /** Lets what was written arrive (a CONNACK that refuses), reads no more, then closes. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#held = null;
    this.#holds(0);
    if (this.#rateTimer !== null) clearTimeout(this.#rateTimer);
    const socket = this.#socket;
    if (!socket.destroyed) {
      socket.removeAllListeners('data');
      socket.resume();
      socket.end();
      // A reset would take back the answer from a client that is still sending.
      const timer = setTimeout(() => socket.destroy(), lingerMs);
      socket.once('close', () => clearTimeout(timer));
    }
    done(error);
  }
}
