import { connect, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';
import { bridgeClient } from '../../events/bridge-client.ts';
import type { BridgeReport } from '../../events/health.ts';
import { traceContext } from '../../events/trace-context.ts';
import type { BridgeConfig } from '../../infra/config/schema.ts';
import type { Log } from '../../infra/log.ts';
import type { RefusalReason, Refusals } from '../refusals.ts';
import type { PublishWriter } from '../routed-writer.ts';
import { backoffMs } from './backoff.ts';
import { BridgeTopics } from './bridge-topics.ts';
import { clientOptions } from './client-options.ts';
import { InFlight } from './in-flight.ts';
import { RebirthAsker } from './rebirth-asker.ts';
import { subscribe } from './subscriptions.ts';

export interface BridgeOptions {
  readonly bridge: BridgeConfig;
  readonly payloadBytesMax: number;
  readonly writer: PublishWriter;
  /** Nobody but Millrace publishes there. */
  readonly isCommandTopic: (topic: string) => boolean;
  readonly partitionFor: (topic: string) => number;
  readonly nowUs: () => number;
  readonly refusals: Refusals;
  readonly log: Log;
  onPublish(topic: string, client: string): void;
  onAcknowledged(ms: number): void;
}

/** How long an end waits for what is on its way to the log, ms. */
const endWithinMs = 4_000;
/** A subscription that the broker refuses is tried again after this time, ms. */
const resubscribeMs = 10_000;

/**
 * Takes in the messages of another MQTT broker. Each is acknowledged when the log has it: PUBACK for QoS 1, PUBREC for
 * QoS 2. What was not acknowledged the broker sends again, marked as a repeat, under the same packet identifier; readers
 * of the log know it by these. With `inFlightMax` messages under way, or a log that takes none, nothing more is read.
 */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #topics: BridgeTopics;
  readonly #inFlight = new InFlight();
  readonly #rebirths: RebirthAsker;
  #client: MqttClient | null = null;
  /** Counts connections: what belongs to an earlier one is not to be acknowledged in this. */
  #connection = 0;
  #wasConnected = false;
  /** In a row. */
  #failures = 0;
  #isEnding = false;
  #connected = false;
  #error = 'it has not connected yet';
  #sinceUs: number;
  #messages = 0;
  /** The next message of this connection, while it may not be taken. */
  #held: (() => void) | null = null;
  #drained: (() => void) | null = null;
  #resubscribe: NodeJS.Timeout | null = null;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#topics = new BridgeTopics(options.bridge.topics);
    this.#rebirths = new RebirthAsker(options.bridge, this.#topics, options.log);
    this.#sinceUs = options.nowUs();
  }

  get report(): BridgeReport {
    return {
      name: this.#options.bridge.name,
      connected: this.#connected,
      sinceUs: this.#sinceUs,
      error: this.#error,
      messages: this.#messages,
      inFlight: this.#inFlight.size,
    };
  }

  /** Connects, and again for ever, until the signal; then what is on its way is acknowledged, as far as it goes. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (let attempt = 1; this.#client === null && !signal.aborted; attempt++) {
      try {
        this.#open(await clientOptions(this.#options.bridge, this.#options.payloadBytesMax));
      } catch (error) {
        this.#failed(error as Error);
        await Promise.race([ended, pause(backoffMs(attempt, Math.random()))]);
      }
    }
    await ended;
    await this.#end();
  }

  /** The log takes records again. */
  resume(): void {
    const held = this.#held;
    if (held === null || !this.#mayTake) return;
    this.#held = null;
    held();
  }

  /** Asks a Sparkplug edge node for its births (`rebirth-asker.ts`). */
  ask(from: string, topic: string, payload: Buffer): void {
    this.#rebirths.ask(this.#client, from, topic, payload);
  }

  #open(settings: Awaited<ReturnType<typeof clientOptions>>): void {
    const client = connect(this.#options.bridge.url, { ...settings, reconnectPeriod: backoffMs(1, Math.random()) });
    // QoS 2: PUBREC goes out when this calls back. The client reads on only then. Among the options of the constructor it
    // would count for MQTT 5 only.
    client.options.customHandleAcks = (_topic, _payload, packet, done) => {
      if (packet.qos !== 2) return done(0);
      this.#arrived(
        packet,
        () => undefined,
        () => done(0),
      );
    };
    this.#client = client;
    client.handleMessage = (packet, done) => {
      // Of QoS 2 it comes with the PUBREL: it was stored before the PUBREC.
      if (packet.qos === 2) return done();
      if (packet.qos === 0) return this.#arrived(packet, done, null);
      // An error makes the client read on without sending PUBACK, which it would wait for, message by message. mqtt
      // has no other way to acknowledge later; the test beside this file sees when that changes.
      const readOn = () => done(new Error('acknowledged when the log has it'));
      this.#arrived(packet, readOn, () =>
        client['_sendPacket']({ cmd: 'puback', messageId: packet.messageId!, reasonCode: 0 }),
      );
    };
    client.on('connect', (packet) => this.#onConnect(client, packet));
    client.on('close', () => this.#onClose(client));
    client.on('error', (error) => this.#failed(error));
    client.on('disconnect', (packet) =>
      this.#failed(
        new Error(
          `the broker ended the connection: ${packet.properties?.reasonString ?? `reason code ${packet.reasonCode}`}`,
        ),
      ),
    );
  }

  #onConnect(client: MqttClient, { sessionPresent }: IConnackPacket): void {
    const { bridge, log } = this.#options;
    // Not where a connection begins to count: messages may have come before this is told.
    const isFirst = !this.#wasConnected;
    this.#wasConnected = true;
    this.#failures = 0;
    client.options.reconnectPeriod = backoffMs(1, Math.random());
    this.#enter(true, '');
    log.info({ bridge: bridge.name, sessionPresent }, 'the bridge is connected');
    if (!isFirst && !sessionPresent)
      log.warn({ bridge: bridge.name }, 'the broker kept no session: what it took in meanwhile did not come here');
    // MQTT 3.1.1 sends retained messages again with each subscription: then only where the broker may not have it.
    if (bridge.protocol === 5 || isFirst || !sessionPresent) void this.#subscribe(client, this.#connection);
  }

  async #subscribe(client: MqttClient, connection: number): Promise<void> {
    const error = await subscribe(client, this.#options.bridge);
    if (connection !== this.#connection || !this.#connected || error === null) return;
    this.#failed(new Error(error));
    this.#resubscribe = setTimeout(() => {
      if (connection !== this.#connection || !this.#connected) return;
      this.#error = '';
      void this.#subscribe(client, connection);
    }, resubscribeMs);
  }

  #onClose(client: MqttClient): void {
    this.#connection++;
    this.#inFlight.disconnected();
    this.#held = null;
    this.#clearResubscribe();
    client.options.reconnectPeriod = backoffMs(++this.#failures, Math.random());
    if (this.#connected) this.#enter(false, this.#error || 'the connection is lost');
  }

  #failed(error: Error): void {
    const text = textOf(error);
    if (text !== this.#error)
      this.#options.log.warn({ bridge: this.#options.bridge.name, err: error }, 'the bridge failed at something');
    this.#error = text;
  }

  #enter(connected: boolean, error: string): void {
    this.#connected = connected;
    this.#error = error;
    this.#sinceUs = this.#options.nowUs();
  }

  get #mayTake(): boolean {
    const { bridge, writer } = this.#options;
    return !this.#isEnding && this.#inFlight.size < bridge.inFlightMax && writer.pressure === 'open' && !writer.atCap;
  }

  /** `readOn` lets the client go on to the next packet, `acknowledge` answers this one. */
  #arrived(packet: IPublishPacket, readOn: () => void, acknowledge: (() => void) | null): void {
    const connection = this.#connection;
    if (!this.#mayTake) {
      this.#held = () => this.#take(packet, readOn, acknowledge, connection);
      return;
    }
    this.#take(packet, readOn, acknowledge, connection);
  }

  #take(packet: IPublishPacket, readOn: () => void, acknowledge: (() => void) | null, connection: number): void {
    const { bridge, writer, partitionFor, nowUs, refusals, onPublish, onAcknowledged } = this.#options;
    const { qos, dup, retain, messageId = 0 } = packet;
    this.#messages++;
    const answer =
      acknowledge &&
      (() => {
        // On a later connection the same identifier may be another message's.
        if (connection === this.#connection && this.#client?.connected) acknowledge();
      });
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const named = this.#topics.of(packet.topic);
    const refusal = 'refusal' in named ? named.refusal : this.#problemOf(named.topic, payload);
    const onStored = this.#inFlight.arrive({ messageId, topic: packet.topic, payload }, dup, answer);
    if (this.#rebirths.takeOwn(packet.topic, payload)) {
      onStored?.();
      return readOn();
    }
    if (refusal !== null || 'refusal' in named) {
      refusals.count(refusal ?? 'not-bridged');
      this.#options.log.warn({ bridge: bridge.name, topic: packet.topic, refusal }, 'a message is not taken in');
      onStored?.();
      return readOn();
    }
    if (onStored !== null) {
      const { traceparent, tracestate } = packet.properties?.userProperties ?? {};
      const trace = traceContext(single(traceparent), single(tracestate));
      const cameMs = performance.now();
      const client = bridgeClient(bridge.name);
      onPublish(named.topic, client);
      const record = {
        kind: 'publish' as const,
        client,
        connection: '',
        packetId: qos === 0 ? 0 : messageId,
        topic: named.topic,
        payload,
        qos,
        retain,
        dup,
        receivedAtUs: nowUs(),
        ...(trace === null ? {} : { trace }),
      };
      writer.append(partitionFor(named.topic), record, () => {
        if (qos > 0) onAcknowledged(performance.now() - cameMs);
        onStored();
        if (this.#inFlight.size === 0) this.#drained?.();
        this.resume();
      });
    }
    readOn();
  }

  #problemOf(topic: string, payload: Uint8Array): RefusalReason | null {
    if (payload.length > this.#options.payloadBytesMax) return 'too-large';
    return this.#options.isCommandTopic(topic) ? 'command-topic' : null;
  }

  async #end(): Promise<void> {
    this.#isEnding = true;
    this.#clearResubscribe();
    if (this.#client === null) return;
    if (this.#inFlight.size > 0) {
      const drained = new Promise<void>((resolve) => (this.#drained = resolve));
      await Promise.race([drained, pause(endWithinMs)]);
    }
    this.#connection++;
    await Promise.race([this.#client.endAsync().catch(() => undefined), pause(endWithinMs)]);
    this.#client.end(true);
    this.#enter(false, 'it has ended');
  }

  #clearResubscribe(): void {
    if (this.#resubscribe !== null) clearTimeout(this.#resubscribe);
    this.#resubscribe = null;
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Errors of several addresses of a host have no message of their own. */
function textOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((one: Error) => one.message).join('; ');
  return error.message;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
