import mqtt, { type MqttClient } from 'mqtt';
import { Latencies } from './latencies.ts';
import { payloadOf, type Publication } from './publication.ts';

/** Publishes of one connection that may wait for their acknowledgement. */
const unacknowledgedPerConnectionMax = 64;
/** Connections opened at the same time: a fleet comes up in steps, not as a storm. */
const connectingMax = 50;

export interface SenderOptions {
  /** `mqtt://host:port` */
  readonly url: string;
  readonly connections: number;
  /** Client ids are `<name>-<n>`. */
  readonly name: string;
  readonly onAcknowledged?: (publication: Publication) => void;
}

/** The connections of a simulated fleet. Publishes with QoS 1; what is unacknowledged when a connection breaks is sent again. */
export class Sender {
  published = 0;
  acknowledged = 0;
  connected = 0;
  readonly latencies = new Latencies();
  readonly #clients: MqttClient[] = [];
  readonly #inFlight: number[] = [];
  readonly #waiting = new Map<number, () => void>();
  #idle: (() => void) | null = null;
  readonly #options: SenderOptions;
  lastError = '';

  private constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves when each connection was accepted once; rejects when `signal` ends it before. */
  static async open(
    options: SenderOptions,
    signal: AbortSignal,
    onProgress?: (sender: Sender) => void,
  ): Promise<Sender> {
    const sender = new Sender(options);
    onProgress?.(sender);
    // Whoever waits for a window while there is no connection goes on when it is over.
    signal.addEventListener('abort', () => {
      for (const resume of sender.#waiting.values()) resume();
    });
    try {
      for (let i = 0; i < options.connections; i += connectingMax) {
        const step = Array.from({ length: Math.min(connectingMax, options.connections - i) }, () =>
          sender.#connect(signal),
        );
        await Promise.all(step);
      }
    } catch (error) {
      await sender.close();
      throw error;
    }
    return sender;
  }

  async #connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const client = mqtt.connect(this.#options.url, {
      clientId: `${this.#options.name}-${this.#clients.length + 1}`,
      clean: true,
      reconnectPeriod: 1000,
      connectTimeout: 10_000,
      keepalive: 30,
      // The window below bounds what waits; without this mqtt.js would start timers per packet.
      queueQoSZero: false,
    });
    this.#clients.push(client);
    this.#inFlight.push(0);
    let isUp = false;
    client.on('connect', () => {
      isUp = true;
      this.connected++;
    });
    client.on('close', () => {
      if (isUp) this.connected--;
      isUp = false;
    });
    // mqtt.js connects again by itself; the reason is for the progress line.
    client.on('error', (error) => {
      this.lastError = error.message || ('code' in error ? String(error.code) : 'connection failed');
    });
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  /** Publishes; resolves when the next one may be given, which is at once while the connection's window is open. */
  async send(publication: Publication): Promise<void> {
    const connection = publication.device % this.#clients.length;
    this.published++;
    this.#inFlight[connection]!++;
    const sentAt = performance.now();
    this.#clients[connection]!.publish(publication.topic, payloadOf(publication), { qos: 1 }, (error) => {
      this.#inFlight[connection]!--;
      if (error) this.lastError = error.message;
      else {
        this.acknowledged++;
        this.latencies.add(performance.now() - sentAt);
        this.#options.onAcknowledged?.(publication);
      }
      this.#waiting.get(connection)?.();
      this.#waiting.delete(connection);
      if (this.acknowledged === this.published) this.#idle?.();
    });
    if (this.#inFlight[connection]! >= unacknowledgedPerConnectionMax)
      await new Promise<void>((resolve) => this.#waiting.set(connection, resolve));
  }

  /** Waits for the last acknowledgement, at most so long. */
  async settled(withinMs: number): Promise<void> {
    if (this.acknowledged === this.published) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
  }
}
