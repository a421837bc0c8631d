import { AckPolicy, createInbox, DeliverPolicy, type Msg, type Subscription } from 'nats';
import { canSend, type Bus } from './connection.ts';
import { isTransient } from './jetstream-errors.ts';
import { deliveredMessage, parseDelivery, type StreamMessage } from './stream-message.ts';

/** Messages asked for at once; at most twice as many are held. */
export const prefetchMessagesMax = 256;
/** Bytes asked for at once; at most twice as many are held, and one message more. */
export const prefetchBytesMax = 1024 * 1024;
const expiresMs = 10_000;
const heartbeatMs = 1_000;
/** Two missed heartbeats: the consumer is gone, whatever the server says. */
const silenceMaxMs = 2_500;
/** The server forgets a consumer nobody pulls from. */
const inactiveMs = 60_000;

/**
 * One ephemeral consumer on one link, pulled batch by batch as the reader takes. It ends, and never repairs itself,
 * when the link drops, two heartbeats are missed, a delivery is missing, or the server says that it is gone.
 *
 *     pulling --batch delivered, at most half held--> pulling
 *     pulling --link lost | silence | hole in deliveries | refused--> ended (what is held is still handed out)
 */
export class PullConsumer {
  readonly #bus: Bus;
  readonly #stream: string;
  readonly #name: string;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  /** Those before `heldFrom` are taken and let go of: their data is large. */
  readonly #held: (StreamMessage | undefined)[] = [];
  #heldFrom = 0;
  #heldBytes = 0;
  #pulling = false;
  /** Messages that the pull in flight may still bring. */
  #remaining = 0;
  #delivery = 0;
  #lastHeardMs = performance.now();
  #ended = false;
  #wake: (() => void) | null = null;
  readonly #watch: NodeJS.Timeout;
  readonly #offLink: () => void;

  static async open(
    bus: Bus,
    stream: string,
    subject: string,
    startSequence: number,
  ): Promise<PullConsumer | { transient: boolean; error: unknown }> {
    try {
      const { name } = await bus.manager.consumers.add(stream, {
        filter_subject: subject,
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: startSequence,
        inactive_threshold: inactiveMs * 1e6,
        mem_storage: true,
        num_replicas: 1,
      });
      return new PullConsumer(bus, stream, name);
    } catch (error) {
      return { transient: isTransient(error), error };
    }
  }

  private constructor(bus: Bus, stream: string, name: string) {
    this.#bus = bus;
    this.#stream = stream;
    this.#name = name;
    this.#inbox = createInbox();
    this.#subscription = bus.connection.subscribe(this.#inbox, {
      callback: (error, message) => (error === null ? this.#receive(message) : this.#end()),
    });
    this.#offLink = bus.onLink(() => this.#end());
    this.#watch = setInterval(() => this.#checkSilence(), heartbeatMs);
    this.#pull();
  }

  /** The next message; null when this consumer has ended. @throws the signal's reason. */
  async next(signal: AbortSignal): Promise<StreamMessage | null> {
    for (;;) {
      signal.throwIfAborted();
      const message = this.#take();
      if (message !== null) return message;
      if (this.#ended) return null;
      await this.#news(signal);
    }
  }

  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = null;
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake);
    });
  }

  close(): void {
    this.#end();
    if (canSend(this.#bus))
      // Without an answer the server forgets it by itself (inactiveMs).
      this.#bus.manager.consumers.delete(this.#stream, this.#name).catch(() => false);
  }

  #take(): StreamMessage | null {
    const message = this.#held[this.#heldFrom];
    if (message === undefined) return null;
    this.#held[this.#heldFrom++] = undefined;
    this.#heldBytes -= message.data.length;
    if (this.#heldFrom === this.#held.length || this.#heldFrom >= prefetchMessagesMax) {
      this.#held.splice(0, this.#heldFrom);
      this.#heldFrom = 0;
    }
    this.#refill();
    return message;
  }

  #refill(): void {
    if (this.#ended || this.#pulling) return;
    const messages = this.#held.length - this.#heldFrom;
    if (messages <= prefetchMessagesMax / 2 && this.#heldBytes <= prefetchBytesMax / 2) this.#pull();
  }

  #pull(): void {
    this.#pulling = true;
    this.#remaining = prefetchMessagesMax;
    this.#lastHeardMs = performance.now();
    const request = {
      batch: prefetchMessagesMax,
      max_bytes: prefetchBytesMax,
      expires: expiresMs * 1e6,
      idle_heartbeat: heartbeatMs * 1e6,
    };
    if (!canSend(this.#bus)) return this.#end();
    this.#bus.connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#name}`, JSON.stringify(request), {
      reply: this.#inbox,
    });
  }

  #receive(message: Msg): void {
    if (this.#ended) return;
    this.#lastHeardMs = performance.now();
    const delivery = parseDelivery(message.reply);
    if (delivery === null) return this.#status(message);
    if (delivery.delivery !== this.#delivery + 1) return this.#end();
    this.#delivery = delivery.delivery;
    this.#held.push(deliveredMessage(message, delivery));
    this.#heldBytes += message.data.length;
    this.#remaining--;
    if (this.#remaining === 0) {
      this.#pulling = false;
      this.#refill();
    }
    this.#wake?.();
  }

  /** 100 heartbeat; 404, 408 and "exceeded max bytes" end a pull; the rest means that the consumer is of no more use. */
  #status(message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === 100) return;
    const pullEnded =
      code === 404 || code === 408 || (code === 409 && message.headers?.get('Nats-Pending-Messages') !== '');
    if (!pullEnded) return this.#end();
    this.#pulling = false;
    this.#refill();
  }

  #checkSilence(): void {
    if (this.#pulling && performance.now() - this.#lastHeardMs > silenceMaxMs) this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#watch);
    this.#offLink();
    this.#subscription.unsubscribe();
    this.#wake?.();
  }
}
