import type { MqttClient } from 'mqtt';
import type { BridgeConfig } from '../../infra/config/schema.ts';
import type { Log } from '../../infra/log.ts';
import type { BridgeTopics } from './bridge-topics.ts';

/** Messages remembered that it published: what of them the bridge's own subscription brings back comes in a moment. */
const ownMax = 256;

/** Asks Sparkplug edge nodes behind another broker for their births, where the configuration allows it. */
export class RebirthAsker {
  readonly #bridge: BridgeConfig;
  readonly #topics: BridgeTopics;
  readonly #log: Log;
  readonly #own: { readonly topic: string; readonly payload: Uint8Array }[] = [];

  constructor(bridge: BridgeConfig, topics: BridgeTopics, log: Log) {
    this.#bridge = bridge;
    this.#topics = topics;
    this.#log = log;
  }

  /**
   * At most once, as Sparkplug's commands are: a node that goes on without a birth is asked again.
   * @param from the topic that one of its messages got here @param topic of the command, as it is here
   */
  ask(client: MqttClient | null, from: string, topic: string, payload: Buffer): void {
    const there = this.#topics.back(from, topic);
    const why = this.#whyNot(client, there);
    const said = { bridge: this.#bridge.name, topic: there ?? topic };
    if (why !== null) return this.#log.info(said, `a Sparkplug edge node is not asked for its births: ${why}`);
    this.#own.push({ topic: there!, payload });
    if (this.#own.length > ownMax) this.#own.shift();
    client!.publish(there!, payload, { qos: 0 });
    this.#log.info(said, 'a Sparkplug edge node behind a bridge is asked for its births');
  }

  #whyNot(client: MqttClient | null, there: string | null): string | null {
    if (!this.#bridge.rebirths) return 'the bridge may not publish (rebirths: true allows it)';
    if (there === null) return 'no topic at the other broker has the name of the command here';
    return client?.connected === true ? null : 'the bridge is not connected';
  }

  /** Whether a message that came to the bridge is one that it published itself; each is once. */
  takeOwn(topic: string, payload: Uint8Array): boolean {
    if (this.#own.length === 0) return false;
    const at = this.#own.findIndex((own) => own.topic === topic && Buffer.compare(own.payload, payload) === 0);
    if (at >= 0) this.#own.splice(at, 1);
    return at >= 0;
  }
}
