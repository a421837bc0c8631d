import mqtt, { type MqttClient } from 'mqtt';
import { MillraceError } from '../infra/errors.ts';
import { withoutSecret } from '../infra/terminal/shown-url.ts';
import { Latencies } from './latencies.ts';
import { payloadOf, type Publication } from './publication.ts';

/** Publishes of one connection that may wait for their acknowledgement. */
const unacknowledgedPerConnectionMax = 64;
/** If no connection was ever there within this time, there is no broker. */
const firstConnectMs = 30_000;
/** Return codes that trying again does not change: wrong name or secret, not allowed. */
const refusedCodes = [4, 5];
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
  /** Of each connection: it is there. */
  readonly #isUp: boolean[] = [];
  readonly #inFlight: number[] = [];
  readonly #waiting = new Map<number, () => void>();
  #idle: (() => void) | null = null;
  #isLeaving = false;
  readonly #options: SenderOptions;
  lastError = '';

  private constructor(options: SenderOptions) {
    this.#options = options;
  }

  /**
   * Resolves when each connection was accepted once; rejects when `signal` ends it before.
   * @throws BROKER_LOST when none is there in time, or the broker asks for another name and secret
   */
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
    const at = this.#isUp.push(false) - 1;
    client.on('connect', () => {
      this.#isUp[at] = true;
      this.connected++;
    });
    client.on('close', () => {
      if (this.#isUp[at]) this.connected--;
      this.#isUp[at] = false;
      this.#checkIdle();
    });
    // mqtt.js connects again by itself; the reason is for the progress line.
    client.on('error', (error) => {
      this.lastError = error.message || ('code' in error ? String(error.code) : 'connection failed');
    });
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      client.on('error', (error) => {
        if ('code' in error && refusedCodes.includes(error.code) && this.connected === 0)
          reject(
            this.#lost(`refuses us (${this.lastError})`, "'mqtt://name:secret@host:1883', see `millrace device add`"),
          );
      });
      timer = setTimeout(() => {
        if (this.connected === 0)
          reject(this.#lost(`does not answer (${this.lastError})`, 'the address of one that runs'));
      }, firstConnectMs);
    }).finally(() => clearTimeout(timer));
  }

  #lost(what: string, url: string): MillraceError {
    return new MillraceError(
      'BROKER_LOST',
      `The broker at ${withoutSecret(this.#options.url)} ${what}. Give --url ${url}.`,
    );
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
      this.#checkIdle();
    });
    if (this.#inFlight[connection]! >= unacknowledgedPerConnectionMax)
      await new Promise<void>((resolve) => this.#waiting.set(connection, resolve));
  }

  /**
   * Waits for the last acknowledgement, at most so long.
   * @param isLeaving somebody waits for the end: connections that are down now, or go down, are not waited for
   */
  async settled(withinMs: number, isLeaving: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#isLeaving = isLeaving;
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#checkIdle();
    });
  }

  #checkIdle(): void {
    if (this.#idle === null) return;
    const isOpen = (inFlight: number, at: number) => inFlight > 0 && (this.#isUp[at]! || !this.#isLeaving);
    if (!this.#inFlight.some(isOpen)) this.#idle();
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
  }
}
