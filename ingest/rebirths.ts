import { subjects, type DeviceMessage } from '../events/subjects.ts';
import type { Bus } from '../infra/bus/connection.ts';
import { subscribeCore } from '../infra/bus/core.ts';

/** Hands on what workers want of Sparkplug edge nodes that are connected here. Returns what ends it. */
export function deliverRebirths(bus: Bus, deliver: (topic: string, payload: Uint8Array) => void): () => void {
  return subscribeCore(bus, subjects.commandsRebirth, (data) => {
    const { topic, payload } = JSON.parse(new TextDecoder().decode(data)) as DeviceMessage;
    deliver(topic, Buffer.from(payload, 'base64'));
  });
}
