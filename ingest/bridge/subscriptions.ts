import type { ISubscriptionMap, MqttClient } from 'mqtt';
import type { BridgeConfig } from '../../infra/config/schema.ts';

/** Subscribes to what a bridge takes. @returns what the broker refuses, as a sentence; null when nothing */
export async function subscribe(
  client: MqttClient,
  { topics, shared, protocol }: BridgeConfig,
): Promise<string | null> {
  const filters: ISubscriptionMap = Object.fromEntries(
    topics.map(({ filter, qos }) => [
      shared === undefined ? filter : `$share/${shared}/${filter}`,
      // MQTT 5: retained messages come with a new subscription only. Not with a shared one, there that is no choice.
      { qos, ...(protocol === 5 && shared === undefined ? { rh: 1 } : {}) },
    ]),
  );
  try {
    const granted = await client.subscribeAsync(filters);
    const refused = granted.filter(({ qos }) => qos >= 128).map(({ topic, qos }) => `${topic} (code ${qos})`);
    return refused.length === 0 ? null : `the broker refuses the subscription to ${refused.join(', ')}`;
  } catch (error) {
    return `the broker refuses a subscription: ${(error as Error).message}`;
  }
}
