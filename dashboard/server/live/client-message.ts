/** Devices that one viewer may name; more are asked for with `*`. */
export const subscribedDevicesMax = 200;
const keyLengthMax = 1_024;

export type Subscription = { readonly devices: 'all' | readonly string[]; readonly alerts: boolean };

export type ClientMessage =
  | { readonly kind: 'subscribe'; readonly subscription: Subscription }
  | { readonly kind: 'wrong'; readonly message: string };

/** Understands what a browser sends on `/live`. */
export function parseClientMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong('The message is not JSON.');
  }
  if (typeof value !== 'object' || value === null) return wrong('The message is not a JSON object.');
  const { type, devices, alerts } = value as Record<string, unknown>;
  if (type !== 'subscribe') return wrong('There is one type of message: "subscribe".');
  if (!Array.isArray(devices) || !devices.every((key) => typeof key === 'string' && key.length <= keyLengthMax))
    return wrong('"devices" must be a list of device keys, or ["*"] for all.');
  if (typeof alerts !== 'boolean') return wrong('"alerts" must be true or false.');
  if (devices.includes('*')) return { kind: 'subscribe', subscription: { devices: 'all', alerts } };
  if (devices.length > subscribedDevicesMax)
    return wrong(`At most ${subscribedDevicesMax} devices can be named; use ["*"] for all.`);
  return { kind: 'subscribe', subscription: { devices: [...new Set(devices as string[])].toSorted(), alerts } };
}

function wrong(message: string): ClientMessage {
  return { kind: 'wrong', message };
}
