import { subjects, type DeviceMessage } from '../events/subjects.ts';
import type { Bus } from '../infra/bus/connection.ts';
import { subscribeCore } from '../infra/bus/core.ts';

export interface RebirthWays {
  /** To who is connected here. */
  deliver(topic: string, payload: Uint8Array): void;
  /** To who is behind a bridge, if this process has that. */
  ask(bridge: string, from: string, topic: string, payload: Buffer): void;
}

/** Hands on what workers want of Sparkplug edge nodes, the way by which their data came. Returns what ends it. */
export function deliverRebirths(bus: Bus, { deliver, ask }: RebirthWays): () => void {
  return subscribeCore(bus, subjects.commandsRebirth, (data) => {
    const { topic, payload, via } = JSON.parse(new TextDecoder().decode(data)) as DeviceMessage;
    const bytes = Buffer.from(payload, 'base64');
    if (via === undefined) deliver(topic, bytes);
    else ask(via.bridge, via.topic, topic, bytes);
  });
}
