import type { WindowKeys } from '../../../events/live.ts';

/** Devices that one viewer may name; more are asked for with `*`. */
export const subscribedDevicesMax = 200;
/** Devices and groups of which one viewer may watch the open windows. */
export const windowKeysMax = 20;
const keyLengthMax = 1_024;

export type Subscription = {
  readonly devices: 'all' | readonly string[];
  readonly alerts: boolean;
  readonly windows: WindowKeys;
};

export const noWindows: WindowKeys = { devices: [], groups: [] };

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
  const { type, devices, alerts, windows = noWindows } = value as Record<string, unknown>;
  if (type !== 'subscribe') return wrong('There is one type of message: "subscribe".');
  if (!areKeys(devices)) return wrong('"devices" must be a list of device keys, or ["*"] for all.');
  if (typeof alerts !== 'boolean') return wrong('"alerts" must be true or false.');
  if (!areWindowKeys(windows)) return wrong('"windows" must be {"devices": [...], "groups": [...]}, lists of keys.');
  if (windows.devices.length + windows.groups.length > windowKeysMax)
    return wrong(`The open windows of at most ${windowKeysMax} devices and groups can be watched.`);
  const rest = { alerts, windows: { devices: sorted(windows.devices), groups: sorted(windows.groups) } };
  if (devices.includes('*')) return { kind: 'subscribe', subscription: { devices: 'all', ...rest } };
  if (devices.length > subscribedDevicesMax)
    return wrong(`At most ${subscribedDevicesMax} devices can be named; use ["*"] for all.`);
  return { kind: 'subscribe', subscription: { devices: sorted(devices), ...rest } };
}

function areKeys(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((key) => typeof key === 'string' && key.length <= keyLengthMax);
}

function areWindowKeys(value: unknown): value is WindowKeys {
  if (typeof value !== 'object' || value === null) return false;
  const { devices, groups } = value as Record<string, unknown>;
  return areKeys(devices) && areKeys(groups);
}

function sorted(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].toSorted();
}

function wrong(message: string): ClientMessage {
  return { kind: 'wrong', message };
}
